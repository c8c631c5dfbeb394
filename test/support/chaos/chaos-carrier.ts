import { GatewayCarrier } from '../gateway-carrier.js';
import { RtpPeer } from '../media-rtp-peer.js';
import type { PeerMessage } from '../sip-peer-message.js';
import type { SeededRandom } from '../sip/seeded-random.js';
import { patiently } from './patience.js';

const A_LAW = { payloadTypes: '8' };

let serial = 0;

/** A carrier with a mind of its own, on one port for its whole life: it answers, refuses, rings for ever, calls in, echoes what it hears, and dies. */
export class ChaosCarrier {
  readonly #random: SeededRandom;
  readonly #gatewayPort: number;
  /** RTP of each of its calls, by Call-ID. */
  readonly #audio = new Map<string, RtpPeer>();
  readonly #invites = new Map<string, PeerMessage>();
  readonly #over = new Map<string, () => void>();
  /** It answers, and leaves it to the caller to hang up. */
  calm = false;
  #sip: GatewayCarrier;
  #alive = true;

  private constructor(sip: GatewayCarrier, gatewayPort: number, random: SeededRandom) {
    this.#sip = sip;
    this.#gatewayPort = gatewayPort;
    this.#random = random;
    this.#serve(sip);
  }

  static async open(
    port: number,
    gatewayPort: number,
    random: SeededRandom,
  ): Promise<ChaosCarrier> {
    return new ChaosCarrier(await GatewayCarrier.open(port), gatewayPort, random);
  }

  get port(): number {
    return this.#sip.port;
  }

  /** All its sockets close; then it is there again on the same port, and knows nothing of its calls. */
  async restart(): Promise<void> {
    const { port } = this.#sip;
    this.#alive = false;
    for (const callId of [...this.#audio.keys()]) this.#forget(callId);
    await this.#sip.close();
    this.#sip = await GatewayCarrier.open(port);
    this.#serve(this.#sip);
    this.#alive = true;
  }

  /** Calls a number of the gateway. Resolves when the call is over here. */
  async call(number: string): Promise<void> {
    const sip = this.#sip;
    const rtp = await echo();
    if (!this.#isUp(sip)) {
      rtp.close();
      return;
    }
    const invite = this.#invite(sip, number, rtp);
    await this.#follow(sip, invite);
    this.#forget(invite.require('Call-ID'));
  }

  /** A call as it should be: it is answered, audio comes, and it hangs up. */
  async calmCall(number: string): Promise<void> {
    const sip = this.#sip;
    const rtp = await echo();
    const invite = this.#invite(sip, number, rtp);
    const callId = invite.require('Call-ID');
    const final = await finalOf(sip, callId);
    if (final.status !== 200) throw new Error(final.text);
    sip.callerRequest('ACK', final, { sequence: 1 });
    rtp.follow(final.body);
    await rtp.rtp.waitFor(10);
    sip.callerRequest('BYE', final, { sequence: 2 });
    await sip.next(200, 'BYE');
    this.#forget(callId);
  }

  #invite(sip: GatewayCarrier, number: string, rtp: RtpPeer): PeerMessage {
    sip.towards(this.#gatewayPort);
    serial += 1;
    const callId = `chaos-in-${serial}-${process.pid}`;
    this.#audio.set(callId, rtp);
    return sip.request('INVITE', {
      uri: `sip:${number}@127.0.0.1:${this.#gatewayPort}`,
      headers: { From: `<sip:+4989777@${sip.sentBy}>;tag=c${serial}`, 'Call-ID': callId },
      body: rtp.sdp(A_LAW),
    });
  }

  async close(): Promise<void> {
    this.#alive = false;
    for (const callId of [...this.#audio.keys()]) this.#forget(callId);
    await this.#sip.close();
  }

  async #follow(sip: GatewayCarrier, invite: PeerMessage): Promise<void> {
    const callId = invite.require('Call-ID');
    if (this.#random.below(6) === 0) {
      await patiently(sip.next(180));
      this.#cancel(sip, invite);
    }
    let final = await patiently(finalOf(sip, callId));
    if (final === undefined && this.#isUp(sip)) {
      this.#cancel(sip, invite);
      final = await patiently(finalOf(sip, callId));
    }
    if (final === undefined || !this.#isUp(sip)) return;
    if (final.status !== 200) {
      sip.sameBranch('ACK', invite, final.require('To'));
      return;
    }
    sip.callerRequest('ACK', final, { sequence: 1 });
    this.#audio.get(callId)?.follow(final.body);
    await this.#hear(callId);
    if (this.#random.below(2) === 0) await patiently(this.#ended(callId));
    if (this.#isUp(sip)) sip.callerRequest('BYE', final, { sequence: 2 });
  }

  #cancel(sip: GatewayCarrier, invite: PeerMessage): void {
    if (this.#isUp(sip)) sip.sameBranch('CANCEL', invite);
  }

  /** Its scripts may be those of a carrier that has been killed meanwhile. */
  #isUp(sip: GatewayCarrier): boolean {
    return this.#alive && this.#sip === sip;
  }

  async #hear(callId: string): Promise<void> {
    const audio = this.#audio.get(callId);
    if (audio === undefined) return;
    await patiently(audio.rtp.waitFor(1 + this.#random.below(20)), this.#ended(callId));
  }

  #ended(callId: string): Promise<void> {
    return new Promise((resolve) => {
      this.#over.set(callId, resolve);
    });
  }

  #forget(callId: string): void {
    this.#audio.get(callId)?.close();
    this.#audio.delete(callId);
    this.#invites.delete(callId);
    this.#over.get(callId)?.();
    this.#over.delete(callId);
  }

  #serve(sip: GatewayCarrier): void {
    sip.behave((request) => {
      if (this.#isUp(sip)) this.#onRequest(sip, request);
      return true;
    });
  }

  #onRequest(sip: GatewayCarrier, request: PeerMessage): void {
    const callId = request.require('Call-ID');
    switch (request.method) {
      case 'ACK':
        return;
      case 'INVITE':
        void this.#onInvite(sip, request);
        return;
      case 'CANCEL': {
        const invite = this.#invites.get(callId);
        sip.reply(request, 200);
        if (invite !== undefined) sip.reply(invite, 487);
        this.#forget(callId);
        return;
      }
      case 'BYE':
        sip.reply(request, 200);
        this.#forget(callId);
        return;
      default:
        sip.reply(request, 200);
    }
  }

  async #onInvite(sip: GatewayCarrier, invite: PeerMessage): Promise<void> {
    const callId = invite.require('Call-ID');
    if (invite.tag('To') !== undefined) {
      this.#onReInvite(sip, invite);
      return;
    }
    sip.reply(invite, 100);
    this.#invites.set(callId, invite);
    const fate = this.calm ? 9 : this.#random.below(10);
    if (fate === 0) return;
    if (fate === 1) {
      this.#invites.delete(callId);
      sip.reply(invite, this.#random.pick([486, 503, 404, 603]));
      return;
    }
    sip.reply(invite, 180);
    if (fate === 2) return;
    const rtp = await echo();
    rtp.follow(invite.body);
    if (!this.#invites.delete(callId) || !this.#isUp(sip)) {
      rtp.close();
      return;
    }
    this.#audio.set(callId, rtp);
    sip.reply(invite, 200, { body: rtp.sdp(A_LAW) });
    if (this.calm) return;
    await this.#hear(callId);
    if (this.#random.below(4) > 0 || !this.#audio.has(callId) || !this.#isUp(sip)) return;
    sip.calleeRequest('BYE', invite, { sequence: 1 });
    this.#forget(callId);
  }

  /** A carrier that was restarted knows no dialogs. */
  #onReInvite(sip: GatewayCarrier, invite: PeerMessage): void {
    const audio = this.#audio.get(invite.require('Call-ID'));
    if (audio === undefined) {
      sip.reply(invite, 481);
      return;
    }
    if (invite.body !== '') audio.follow(invite.body);
    const body = audio.sdp(A_LAW).replace('1 1 IN', `1 ${invite.sequence + 1} IN`);
    sip.reply(invite, 200, { body });
  }
}

async function echo(): Promise<RtpPeer> {
  const rtp = await RtpPeer.open();
  rtp.echo = true;
  return rtp;
}

function finalOf(sip: GatewayCarrier, callId: string): Promise<PeerMessage> {
  return sip.nextThat(
    (message) =>
      (message.status ?? 0) >= 200 &&
      message.about === 'INVITE' &&
      message.require('Call-ID') === callId,
  );
}

import { expect } from 'vitest';
import { systemClock } from '../../gateway/kernel/clock.js';
import { silentLog } from '../../gateway/kernel/log.js';
import { Secret } from '../../gateway/kernel/secret.js';
import type { IncomingRefer } from '../../gateway/signaling/incoming-refer.js';
import type {
  DialogEnd,
  DialogHandlers,
  IncomingInvite,
  OutgoingInviteRequest,
  OutgoingInviteResult,
} from '../../gateway/signaling/sip-endpoint.js';
import { startSignaling, type Signaling } from '../../gateway/signaling/start-signaling.js';
import { RigBrowser, PASSWORD, REALM } from './signaling-rig.js';
import type { SipPeer } from './sip-peer.js';
import type { PeerMessage } from './sip-peer-message.js';
import { SDP, SDP_ANSWER, SECRET, SipServerHarness } from './sip-server-harness.js';

/** A dialog of the endpoint, and what its handlers were told. */
export class Told implements DialogHandlers {
  readonly ends: DialogEnd[] = [];
  readonly offers: (string | undefined)[] = [];
  readonly answers: (string | undefined)[] = [];
  readonly refers: IncomingRefer[] = [];
  readonly infos: string[] = [];
  reply: (offer: string | undefined) => Promise<string> = () => Promise.resolve(SDP_ANSWER);

  onEnd(end: DialogEnd): void {
    this.ends.push(end);
  }

  onReoffer(offer: string | undefined): Promise<string> {
    this.offers.push(offer);
    return this.reply(offer);
  }

  onAnswer(answer: string | undefined): void {
    this.answers.push(answer);
  }

  onRefer(refer: IncomingRefer): void {
    this.refers.push(refer);
  }

  onInfo({ content }: { content: string }): Promise<number> {
    this.infos.push(content);
    return Promise.resolve(200);
  }
}

type Answered = OutgoingInviteResult & { kind: 'answered' };

/** The SipEndpoint over the embedded SIP server, without calls: the test is what uses it. */
export class DialogRig {
  readonly harness: SipServerHarness;
  readonly signaling: Signaling;
  readonly carrier: SipPeer;
  readonly #flows: Map<string, RigBrowser['flow']>;

  private constructor(parts: {
    harness: SipServerHarness;
    signaling: Signaling;
    carrier: SipPeer;
    flows: Map<string, RigBrowser['flow']>;
  }) {
    this.harness = parts.harness;
    this.signaling = parts.signaling;
    this.carrier = parts.carrier;
    this.#flows = parts.flows;
  }

  static async start(): Promise<DialogRig> {
    const harness = await SipServerHarness.start();
    const flows = new Map<string, RigBrowser['flow']>();
    const signaling = await startSignaling({
      sipServer: { ...harness.server.applicationAddress, secret: new Secret(SECRET) },
      flows: { find: (source) => flows.get(source) },
      findUser: () => ({ password: new Secret(PASSWORD) }),
      authentication: { realm: REALM },
      ...{ clock: systemClock, log: silentLog },
    });
    return new DialogRig({ harness, signaling, carrier: await harness.udpPeer(), flows });
  }

  async browser(): Promise<RigBrowser> {
    const browser = new RigBrowser(await this.harness.webSocketPeer(40_001), 'alice', 40_001);
    this.#flows.set('192.0.2.7:40001', browser.flow);
    return browser;
  }

  nextInvite(): Promise<IncomingInvite> {
    return new Promise((resolve) => {
      this.signaling.endpoint.onInvite(resolve);
    });
  }

  /** An INVITE to the carrier, as it got it, and what becomes of it. */
  async call(changes: Partial<OutgoingInviteRequest> = {}): Promise<{
    invite: PeerMessage;
    result: Promise<OutgoingInviteResult>;
  }> {
    const result = this.signaling.endpoint.invite({
      uri: `sip:+49301@${this.carrier.sentBy}`,
      from: { uri: 'sip:alice@gateway.test', displayName: undefined },
      offer: SDP,
      headers: {},
      credentials: { username: 'acct', password: new Secret('trunk pass') },
      signal: new AbortController().signal,
      onProgress: () => undefined,
      ...changes,
    });
    return { invite: await this.carrier.next('INVITE'), result };
  }

  /** A dialog with the carrier that is up. */
  async connect(): Promise<{ invite: PeerMessage; dialog: Answered['dialog']; told: Told }> {
    const { invite, result } = await this.call();
    this.carrier.reply(invite, 200, { body: SDP_ANSWER });
    await this.carrier.next('ACK');
    const answered = await result;
    if (answered.kind !== 'answered') throw new Error(`the call ended as ${answered.kind}`);
    const told = new Told();
    answered.dialog.setHandlers(told);
    return { invite, dialog: answered.dialog, told };
  }

  /** The gateway hangs up. */
  async hangUp(dialog: Answered['dialog']): Promise<void> {
    const over = dialog.bye({ sipStatus: 200, sentence: 'Done.' });
    this.carrier.reply(await this.carrier.next('BYE'), 200);
    await over;
  }

  /** Closes everything; nothing may be left. */
  async close(): Promise<void> {
    await this.signaling.idle();
    expect(this.signaling.endpoint.counts()).toEqual({ dialogs: 0, invites: 0 });
    await this.signaling.close();
    await this.harness.close();
  }
}

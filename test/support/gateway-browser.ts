import { once } from 'node:events';
import { WebSocket } from 'ws';
import { authorize, REALM } from './signaling-rig.js';
import { SipPeer } from './sip-peer.js';
import type { PeerMessage } from './sip-peer-message.js';

let serial = 0;

export interface GatewayBrowserOptions {
  /** Of the page. */
  url: string;
  user?: string;
  password: string;
  /** Host of its Contact, when it is a page that was there before, on a new WebSocket. */
  sentBy?: string | undefined;
  /** A one-call token, brought by a page of that origin. */
  visit?: { token: string; origin: string; localAddress?: string };
}

/** A browser's SIP over a real WebSocket of the gateway, every message by hand. */
export class GatewayBrowser extends SipPeer {
  readonly transport = 'WS';
  readonly sentBy: string;
  readonly server = REALM;
  readonly socket: WebSocket;
  readonly user: string;
  /** Added to every INVITE. */
  readonly inviteHeaders: Record<string, string> = {};
  readonly #password: string;
  readonly #registerId: string;
  #sequence = 0;

  private constructor(options: GatewayBrowserOptions) {
    super();
    serial += 1;
    this.sentBy = options.sentBy ?? `b${serial}x${process.pid}.invalid`;
    this.#registerId = `register-${serial}-${process.pid}`;
    const { host, origin } = new URL(options.url);
    const { visit } = options;
    this.user = options.user ?? 'alice';
    this.#password = options.password;
    const protocols = visit === undefined ? [] : [`copperline.token.${visit.token}`];
    this.socket = new WebSocket(`ws://${host}/sip`, ['sip', ...protocols], {
      origin: visit?.origin ?? origin,
      ...(visit?.localAddress === undefined ? {} : { localAddress: visit.localAddress }),
    });
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data: Buffer) => {
      this.received(data.toString());
    });
  }

  static async open(options: GatewayBrowserOptions): Promise<GatewayBrowser> {
    const browser = new GatewayBrowser(options);
    await once(browser.socket, 'open');
    return browser;
  }

  get address(): string {
    return `<sip:${this.user}@${REALM}>`;
  }

  sendText(text: string): void {
    this.socket.send(text);
  }

  /** The TCP connection breaks off, as when a laptop goes to sleep. */
  vanish(): void {
    this.socket.terminate();
  }

  async close(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.socket, 'close');
    if (this.socket.readyState === WebSocket.OPEN) this.socket.close(1000);
    await closed;
  }

  /** How the gateway closed it. */
  async closedByGateway(): Promise<{ code: number; sentence: string }> {
    const [code, reason] = (await once(this.socket, 'close')) as [number, Buffer];
    return { code, sentence: reason.toString() };
  }

  /** Signs in; gives the final response to the second REGISTER. */
  async register(password = this.#password): Promise<PeerMessage> {
    const challenge = await this.#register({});
    const sign = { method: 'REGISTER', uri: `sip:${REALM}`, user: this.user, password };
    return this.#register({ Authorization: authorize(challenge, sign) });
  }

  /** Sends an INVITE that needs no password. */
  inviteAsVisitor(destination: string, sdp: string): PeerMessage {
    const uri = `sip:${destination}@${REALM}`;
    const headers = {
      ...{ From: `${this.address};tag=v${++serial}`, To: `<${uri}>` },
      'Call-ID': `visit-${serial}-${process.pid}`,
    };
    return this.request('INVITE', { uri, headers, body: sdp });
  }

  /** Sends an INVITE, answers its challenge, and gives the INVITE that came second. */
  async invite(number: string, sdp: string, password = this.#password): Promise<PeerMessage> {
    const uri = `sip:${number}@${REALM}`;
    const callId = `invite-${++serial}-${process.pid}`;
    const from = `${this.address};tag=i${serial}`;
    const headers = {
      ...{ From: from, To: `<${uri}>`, 'Call-ID': callId },
      ...this.inviteHeaders,
    };
    const first = this.request('INVITE', { uri, headers, body: sdp });
    const challenge = await this.#about(callId, 407);
    this.sameBranch('ACK', first, challenge.require('To'));
    const sign = { method: 'INVITE', uri, user: this.user, password };
    return this.request('INVITE', {
      ...{ uri, body: sdp },
      headers: {
        ...headers,
        CSeq: '2 INVITE',
        'Proxy-Authorization': authorize(challenge, sign),
      },
    });
  }

  /** The answer of that status to that INVITE. */
  answerTo(invite: PeerMessage, status: number): Promise<PeerMessage> {
    return this.#about(invite.require('Call-ID'), status);
  }

  /** The refusal of the INVITE, whatever it is, acknowledged. */
  async refusalOf(invite: PeerMessage): Promise<{ status: number; reason: string; code: string }> {
    const callId = invite.require('Call-ID');
    const refusal = await this.nextThat(
      (message) =>
        (message.status ?? 0) >= 200 &&
        message.about === 'INVITE' &&
        message.require('Call-ID') === callId,
    );
    this.sameBranch('ACK', invite, refusal.require('To'));
    const reason = /text="(.*)"/.exec(refusal.get('Reason') ?? '')?.[1]?.replaceAll('\\"', '"');
    return {
      status: refusal.status ?? 0,
      reason: reason ?? '',
      code: refusal.get('X-Copperline-Code') ?? '',
    };
  }

  /** CANCEL, its 200, the INVITE's 487, and the ACK. */
  async cancel(invite: PeerMessage): Promise<void> {
    this.sameBranch('CANCEL', invite);
    await this.refusalOf(invite);
  }

  #about(callId: string, status: number): Promise<PeerMessage> {
    return this.nextThat(
      (message) =>
        message.status === status &&
        message.about === 'INVITE' &&
        message.require('Call-ID') === callId,
    );
  }

  #register(headers: Record<string, string>): Promise<PeerMessage> {
    this.request('REGISTER', {
      uri: `sip:${REALM}`,
      headers: {
        ...{ From: `${this.address};tag=r`, To: this.address, 'Call-ID': this.#registerId },
        CSeq: `${++this.#sequence} REGISTER`,
        ...headers,
      },
    });
    return this.nextThat(({ status, about }) => about === 'REGISTER' && (status ?? 0) >= 200);
  }
}

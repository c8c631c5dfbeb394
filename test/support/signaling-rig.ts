import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { CallRecord } from '../../gateway/calls/call-events.js';
import { Calls, DEFAULT_CALL_LIMITS } from '../../gateway/calls/calls.js';
import { InboundNumbers } from '../../gateway/calls/inbound-numbers.js';
import { systemClock } from '../../gateway/kernel/clock.js';
import { silentLog } from '../../gateway/kernel/log.js';
import { Secret } from '../../gateway/kernel/secret.js';
import type { BrowserFlow } from '../../gateway/signaling/browser-flows.js';
import {
  startSignaling,
  type Signaling,
  type SignalingOptions,
} from '../../gateway/signaling/start-signaling.js';
import type { Trunk } from '../../gateway/trunks/trunk.js';
import { testTrunk } from './call-world.js';
import { ScriptedEngine } from './scripted-engine.js';
import type { SipPeer } from './sip-peer.js';
import type { PeerMessage } from './sip-peer-message.js';
import { SDP, SECRET, SipServerHarness } from './sip-server-harness.js';

export const REALM = 'gateway.test';
export const PASSWORD = 'correct horse';

/** A browser: its WebSocket, its flow, and the SIP it speaks. */
export class RigBrowser {
  readonly peer: SipPeer;
  readonly flow: BrowserFlow;
  readonly user: string;
  readonly #socket = new AbortController();
  #sequence = 0;
  readonly #callId = `register-${Math.random().toString(36).slice(2)}`;

  constructor(peer: SipPeer, user: string, port: number) {
    this.peer = peer;
    this.user = user;
    const closed = this.#socket.signal;
    this.flow = { id: `flow-${port}`, remoteAddress: '192.0.2.7', closed };
  }

  get address(): string {
    return `<sip:${this.user}@${REALM}>`;
  }

  async loseWebSocket(): Promise<void> {
    await this.peer.close();
    this.#socket.abort();
  }

  /** Sends a REGISTER and gives its final response. */
  async register(headers: Record<string, string> = {}): Promise<PeerMessage> {
    this.peer.request('REGISTER', {
      uri: `sip:${REALM}`,
      headers: {
        ...{ From: `${this.address};tag=r`, To: this.address, 'Call-ID': this.#callId },
        CSeq: `${++this.#sequence} REGISTER`,
        ...headers,
      },
    });
    return this.peer.nextThat(({ status, about }) => about === 'REGISTER' && (status ?? 0) >= 200);
  }

  async signIn(headers: Record<string, string> = {}): Promise<PeerMessage> {
    const challenge = await this.register(headers);
    const Authorization = authorize(challenge, {
      ...{ method: 'REGISTER', uri: `sip:${REALM}`, user: this.user, password: PASSWORD },
    });
    return this.register({ ...headers, Authorization });
  }

  /** Sends an INVITE, signs in, and gives the INVITE that the gateway took. */
  async invite(
    number: string,
    changes: { headers?: Record<string, string>; body?: string } = {},
  ): Promise<PeerMessage> {
    const uri = `sip:${number}@${REALM}`;
    const callId = `invite-${Math.random().toString(36).slice(2)}`;
    const headers = {
      ...{ From: `${this.address};tag=i`, To: `<${uri}>`, 'Call-ID': callId },
      ...changes.headers,
    };
    const { body = SDP } = changes;
    const first = this.peer.request('INVITE', { uri, headers, body });
    const challenge = await this.peer.next(407, 'INVITE');
    this.peer.sameBranch('ACK', first, challenge.require('To'));
    const value = authorize(challenge, {
      ...{ method: 'INVITE', uri, user: this.user, password: PASSWORD },
    });
    return this.peer.request('INVITE', {
      ...{ uri, body },
      headers: { ...headers, CSeq: '2 INVITE', 'Proxy-Authorization': value },
    });
  }

  async acknowledgeRefusal(invite: PeerMessage, status: number): Promise<PeerMessage> {
    const refusal = await this.peer.next(status, 'INVITE');
    this.peer.sameBranch('ACK', invite, refusal.require('To'));
    return refusal;
  }
}

export interface Answer {
  method: string;
  uri: string;
  user: string;
  password: string;
  algorithm?: 'MD5' | 'SHA-256';
  /** nonce-count. */
  nc?: string;
}

/** Answers a challenge as RFC 7616 section 3.4.1 says; on purpose not with the code under test. */
export function authorize(challenge: PeerMessage, answer: Answer): string {
  const name = challenge.status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
  const algorithm = answer.algorithm ?? 'MD5';
  const line = challenge.all(name).find((one) => one.includes(`algorithm=${algorithm},`));
  const nonce = /nonce="([^"]+)"/.exec(line ?? '')?.[1] ?? '';
  const hash = (text: string): string =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const { user, password, method, uri, nc = '00000001' } = answer;
  const ha1 = hash(`${user}:${REALM}:${password}`);
  const response = hash(`${ha1}:${nonce}:${nc}:abc:auth:${hash(`${method}:${uri}`)}`);
  return (
    `Digest username="${user}", realm="${REALM}", nonce="${nonce}", uri="${uri}", qop=auth, ` +
    `algorithm=${algorithm}, nc=${nc}, cnonce="abc", response="${response}"`
  );
}

/** Signalling and calls over drachtio-srf and the embedded SIP server; browsers and the carrier are scripted peers. */
export class SignalingRig {
  readonly harness: SipServerHarness;
  readonly carrier: SipPeer;
  readonly signaling: Signaling;
  readonly calls: Calls;
  readonly engine = new ScriptedEngine();
  readonly records: CallRecord[] = [];
  readonly #flows: Map<string, BrowserFlow>;
  #port = 40_000;

  private constructor(parts: {
    harness: SipServerHarness;
    carrier: SipPeer;
    signaling: Signaling;
    flows: Map<string, BrowserFlow>;
    trunk: Partial<Trunk>;
  }) {
    this.harness = parts.harness;
    this.carrier = parts.carrier;
    this.signaling = parts.signaling;
    this.#flows = parts.flows;
    const [host = '', port = ''] = parts.carrier.sentBy.split(':');
    const trunk = testTrunk('carrier', { host, port: Number(port), ...parts.trunk });
    this.calls = new Calls({
      endpoint: parts.signaling.endpoint,
      engine: this.engine,
      dialplan: {
        plan: (number) => ({
          ...{ kind: 'route', number, rule: 'all', routes: [{ trunk: 'carrier', number }] },
        }),
      },
      trunks: [trunk],
      findUser,
      browserLeg: () => ({
        ...{ kind: 'webrtc', codecs: ['pcma'], minToneMs: 80, minGapMs: 60, ptimeMs: 20 },
      }),
      devices: parts.signaling.devices,
      ...{ domain: REALM, ringMs: 30_000, reconnectMs: 5_000, toneCountry: 'DE' },
      inbound: new InboundNumbers([], 'DE'),
      userBehind: (dialled) => (dialled === 'bob' ? 'bob' : undefined),
      limits: DEFAULT_CALL_LIMITS,
      timeouts: { maxDurationMs: 0, websocketGraceMs: 0 },
      ...{ clock: systemClock, log: silentLog },
    });
    this.calls.events.on('ended', (record) => this.records.push(record));
  }

  static async start(
    options: Partial<SignalingOptions> & { trunk?: Partial<Trunk> } = {},
  ): Promise<SignalingRig> {
    const harness = await SipServerHarness.start();
    const flows = new Map<string, BrowserFlow>();
    const signaling = await startSignaling({
      sipServer: { ...harness.server.applicationAddress, secret: new Secret(SECRET) },
      flows: { find: (source) => flows.get(source) },
      findUser,
      authentication: { realm: REALM },
      ...{ clock: systemClock, log: silentLog },
      ...options,
    });
    const carrier = await harness.udpPeer();
    return new SignalingRig({ harness, carrier, signaling, flows, trunk: options.trunk ?? {} });
  }

  async browser(user = 'alice'): Promise<RigBrowser> {
    const port = ++this.#port;
    const browser = new RigBrowser(await this.harness.webSocketPeer(port), user, port);
    this.#flows.set(`192.0.2.7:${port}`, browser.flow);
    return browser;
  }

  /** Resolves with the record of the next call that ends, or has ended and was not asked for yet. */
  nextRecord(): Promise<CallRecord> {
    const known = this.records.shift();
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve) => {
      this.calls.events.once('ended', (record) => {
        this.records.splice(this.records.indexOf(record), 1);
        resolve(record);
      });
    });
  }

  /** A call that is up, with both INVITEs and the browser's 200. */
  async connect(browser: RigBrowser): Promise<{ invite: PeerMessage; ok: PeerMessage }> {
    await browser.invite('+49301234');
    const invite = await this.carrier.next('INVITE');
    this.carrier.reply(invite, 180);
    await browser.peer.next(180);
    this.carrier.reply(invite, 200, { body: SDP });
    await this.carrier.next('ACK');
    const ok = await browser.peer.next(200, 'INVITE');
    browser.peer.callerRequest('ACK', ok, { sequence: 2 });
    return { invite, ok };
  }

  /** Closes everything and checks that no call, dialog, media session or binding is left. */
  async close(): Promise<void> {
    await this.calls.drain();
    await this.signaling.idle();
    expect(this.signaling.endpoint.counts()).toEqual({ dialogs: 0, invites: 0 });
    expect(await this.engine.counts()).toMatchObject({ sessions: 0 });
    await this.signaling.close();
    await this.harness.close();
  }
}

function findUser(user: string): { password: Secret } | undefined {
  return ['alice', 'bob'].includes(user) ? { password: new Secret(PASSWORD) } : undefined;
}

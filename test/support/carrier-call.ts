import { vi } from 'vitest';
import { scenarioOf } from '../interop/sipp/carrier-steps.js';
import type { ConfigInput } from '../../gateway/config/schema.js';
import type { GatewayBrowser } from './gateway-browser.js';
import { GatewayWorld, type Cdr } from './gateway-world.js';
import { RtpPeer } from './media-rtp-peer.js';
import { WebrtcPeer } from './media-webrtc-peer.js';
import type { PeerMessage } from './sip-peer-message.js';
import { SippCarrier } from './sipp-carrier.js';
import { Voice } from './voice.js';

// sipp is started for each call, on a machine that may be busy.
vi.setConfig({ testTimeout: 40_000 });

/** A-law alone, and keys at 8 kHz. */
const FORMATS = {
  payloadTypes: '8 126',
  lines: ['a=rtpmap:8 PCMA/8000', 'a=rtpmap:126 telephone-event/8000'],
};

/** What a browser and the carrier say. */
export const BROWSER_BYTE = 0x41;
export const CARRIER_BYTE = 0x42;

/** A browser with media in a call to sipp, whose media is at two UDP ports of the test. */
export class CarrierCall {
  readonly world: GatewayWorld;
  readonly sipp: SippCarrier;
  readonly browser: GatewayBrowser;
  readonly invite: PeerMessage;
  readonly phone: WebrtcPeer;
  /** What the carrier's SDP may name. */
  readonly ports: readonly [RtpPeer, RtpPeer];
  readonly #voices: Voice[];
  #phoneVoice: Voice | undefined;
  #offer: string;
  #ok: PeerMessage | undefined;
  #sequence = 2;

  private constructor(parts: {
    world: GatewayWorld;
    sipp: SippCarrier;
    browser: GatewayBrowser;
    invite: PeerMessage;
    phone: WebrtcPeer;
    ports: readonly [RtpPeer, RtpPeer];
    offer: string;
  }) {
    this.world = parts.world;
    this.sipp = parts.sipp;
    this.browser = parts.browser;
    this.invite = parts.invite;
    this.phone = parts.phone;
    this.ports = parts.ports;
    this.#offer = parts.offer;
    this.#voices = parts.ports.map((port) => new Voice(port, CARRIER_BYTE));
  }

  /** Calls a sipp that does these steps; `ports` are those of the carrier's media, `settings` its trunk's. */
  static async dial(
    name: string,
    steps: (ports: readonly [number, number]) => readonly string[],
    settings: Partial<NonNullable<ConfigInput['trunks']>[number]> = {},
  ): Promise<CarrierCall> {
    const ports = [await RtpPeer.open(), await RtpPeer.open()] as const;
    const sipp = await SippCarrier.start(scenarioOf(name, steps([ports[0].port, ports[1].port])));
    const world = await GatewayWorld.start((config) => ({
      ...config,
      trunks: (config.trunks ?? []).map((trunk) => ({ ...trunk, ...settings, port: sipp.port })),
    }));
    const browser = await world.browser();
    const phone = new WebrtcPeer();
    const offer = await phone.offer(FORMATS);
    const invite = await browser.invite('600', offer);
    return new CarrierCall({ world, sipp, browser, invite, phone, ports, offer });
  }

  /** What the phone says. */
  get voice(): Voice {
    if (this.#phoneVoice === undefined) throw new Error('the phone has no media');
    return this.#phoneVoice;
  }

  /** The 183 with SDP is here, and the phone has media. */
  async early(): Promise<void> {
    await this.#takes((await this.browser.answerTo(this.invite, 183)).body);
  }

  /** The 200 is here, and acknowledged; the phone has media. */
  async up(): Promise<void> {
    const ok = await this.browser.answerTo(this.invite, 200);
    this.#ok = ok;
    this.browser.callerRequest('ACK', ok, { sequence: 2 });
    if (this.#phoneVoice === undefined) await this.#takes(ok.body);
  }

  /** A request of the browser in the call. */
  asks(method: string, body?: string, headers: Record<string, string> = {}): PeerMessage {
    this.#sequence += method === 'ACK' ? 0 : 1;
    const content = body === undefined ? {} : { body };
    const options = { sequence: this.#sequence, headers, ...content };
    return this.browser.callerRequest(method, this.#answer(), options);
  }

  /** The browser's SDP with another direction and a later version; `formats` of the m= line. */
  sdp(direction: string, formats = '8 126'): string {
    this.#offer = this.#offer
      .replace(
        /^(o=\S+ \S+ )(\d+)/m,
        (_, head: string, version: string) => head + `${+version + 1}`,
      )
      .replace(/^a=(sendrecv|sendonly|recvonly|inactive)\r\n/m, `a=${direction}\r\n`);
    return this.#offer.replace(/^(m=audio \S+ \S+) .*$/m, `$1 ${formats}`);
  }

  /** The browser agrees to a re-INVITE; resolves with that. */
  async agrees(direction: string, formats?: string): Promise<PeerMessage> {
    const asked = await this.browser.next('INVITE');
    const body = this.sdp(direction, formats).replace('a=setup:actpass', 'a=setup:active');
    this.browser.reply(asked, 200, { body });
    await this.browser.next('ACK');
    return asked;
  }

  /** The browser hangs up. */
  async hangUp(): Promise<Cdr> {
    this.asks('BYE');
    await this.browser.next(200, 'BYE');
    return this.over();
  }

  /** The carrier hung up, and the browser heard of it. */
  async hungUp(): Promise<Cdr> {
    this.browser.reply(await this.browser.next('BYE'), 200);
    return this.over();
  }

  /** sipp did everything that it should, and nothing of the call is left. */
  async over(): Promise<Cdr> {
    await this.sipp.done;
    this.#quiet();
    const [cdr] = await this.world.settle(1);
    if (cdr === undefined) throw new Error('no record');
    return cdr;
  }

  async close(): Promise<void> {
    this.#quiet();
    for (const port of this.ports) port.close();
    this.phone.close();
    await this.world.close();
  }

  async #takes(sdp: string): Promise<void> {
    this.phone.take(sdp);
    await this.phone.opened();
    this.#phoneVoice = new Voice(this.phone, BROWSER_BYTE);
    this.#voices.push(this.#phoneVoice);
  }

  #quiet(): void {
    for (const voice of this.#voices) voice.stop();
  }

  #answer(): PeerMessage {
    if (this.#ok === undefined) throw new Error('the call is not up');
    return this.#ok;
  }
}

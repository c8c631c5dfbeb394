import type { Clock } from '../../kernel/clock.js';
import { type CopperlineError, toCopperlineError } from '../../kernel/errors.js';
import type { Direction } from '../sdp/direction.js';
import type { MediaLine, PeerDescription, SdpCodec } from '../sdp/peer-description.js';
import {
  offeredLine,
  writeSdp,
  type LocalDescription,
  type LocalTelephoneEvent,
  type LocalWebrtc,
} from '../sdp/write-sdp.js';
import type { SoundFiles } from '../sounds/sound-files.js';
import type { BrowserPort } from './browser-port.js';
import { BrowserTransport, setupTowards } from './browser-transport.js';
import { CarrierTransport } from './carrier-transport.js';
import type { MediaLeg } from './media-leg.js';
import type { TransportHandlers } from './media-transport.js';
import { newIceCredentials, newRandomNumbers } from './random-numbers.js';
import type { UdpPortPairs } from './udp-port-pair.js';

/** What all sessions of a worker share. */
export interface LinkResources {
  clock: Clock;
  browserPort: BrowserPort;
  carrierPorts: UdpPortPairs;
  /** Address written into the SDP for carriers. */
  carrierAddress: string;
  soundFiles: SoundFiles;
}

export interface LinkOptions {
  resources: LinkResources;
  callId: string;
  leg: MediaLeg;
  onConnected: () => void;
  onFailed: (error: CopperlineError) => void;
}

/** What varies between the SDPs that we write for one leg. */
export interface LinkText {
  codecs: readonly SdpCodec[];
  telephoneEvents: readonly LocalTelephoneEvent[];
  direction: Direction;
  /** The offer that this answers; undefined when it is an offer of ours. */
  answering: PeerDescription | undefined;
}

/** A leg's way to its peer: opens the transport, and writes the SDP that leads to it. */
export abstract class LegLink {
  protected readonly options: LinkOptions;
  readonly #sessionId = String(newRandomNumbers().ssrc);
  #version = 0;
  #lastText = '';
  /** The m= lines of the peer's SDP: later offers keep their number and order (RFC 3264 section 8). */
  #lines: readonly MediaLine[] | undefined;
  #audioIndex = 0;

  constructor(options: LinkOptions) {
    this.options = options;
  }

  /** Puts up what our SDP names. @throws CopperlineError CL_MEDIA_UNAVAILABLE */
  abstract prepare(): Promise<void>;

  /** Takes the peer's side. @throws CopperlineError CL_MEDIA_TRANSPORT_FAILED */
  abstract connect(remote: PeerDescription): void;

  /** The SDP for the peer; the version grows when the text changes (RFC 3264 section 8). */
  write(text: LinkText): string {
    const draft = this.#describe(text, 0);
    if (draft !== this.#lastText) {
      this.#lastText = draft;
      this.#version += 1;
    }
    return this.#describe(text, this.#version);
  }

  protected abstract local(answering: PeerDescription | undefined): {
    address: string;
    port: number;
    webrtc: LocalWebrtc | undefined;
  };

  protected handlers(): TransportHandlers {
    const { leg, onConnected, onFailed } = this.options;
    return {
      onRtp: (packet) => {
        leg.onRtp(packet);
      },
      onRtcp: (packet) => {
        leg.onRtcp(packet);
      },
      onConnected,
      onFailed,
    };
  }

  #describe(text: LinkText, version: number): string {
    const { leg } = this.options;
    const { answering } = text;
    if (answering !== undefined) {
      this.#lines = answering.lines;
      this.#audioIndex = answering.audioIndex;
    }
    const description: LocalDescription = {
      sessionId: this.#sessionId,
      version,
      ...this.local(answering),
      codecs: text.codecs,
      telephoneEvents: text.telephoneEvents,
      direction: text.direction,
      ptimeMs: leg.policy.ptimeMs,
      lines: this.#lines ?? [offeredLine(leg.policy.kind)],
      audioIndex: this.#audioIndex,
    };
    return writeSdp(description);
  }
}

/** Plain RTP: two UDP ports of our own. */
class CarrierLink extends LegLink {
  #transport: CarrierTransport | undefined;

  async prepare(): Promise<void> {
    if (this.#transport !== undefined) return;
    const { resources, leg } = this.options;
    const pairs = resources.carrierPorts;
    const pair = await pairs.acquire();
    const { clock } = resources;
    this.#transport = new CarrierTransport({ pairs, pair, clock, handlers: this.handlers() });
    leg.transport = this.#transport;
  }

  connect(remote: PeerDescription): void {
    this.#transport?.expect(remote);
  }

  protected local(): { address: string; port: number; webrtc: undefined } {
    const address = this.options.resources.carrierAddress;
    return { address, port: this.#transport?.port ?? 0, webrtc: undefined };
  }
}

/** A browser: credentials of ours on the shared port; the transport opens when the browser's are known. */
class BrowserLink extends LegLink {
  #credentials = newIceCredentials();
  /** Identifies the remote end: another one is another browser, or an ICE restart (RFC 8839 section 4.4.3.1). */
  #remoteKey = '';
  /** RFC 8842 section 4: kept while the DTLS association lasts, whoever offers next. */
  #setup: 'active' | 'passive' | undefined;

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  connect(remote: PeerDescription): void {
    const { ice, dtls } = remote;
    if (ice === undefined || dtls === undefined) return;
    const key = `${ice.ufrag} ${ice.pwd} ${dtls.fingerprint}`;
    if (key === this.#remoteKey) return;
    const { resources, leg, callId } = this.options;
    const restart = this.#remoteKey !== '';
    if (restart) this.#credentials = newIceCredentials();
    this.#remoteKey = key;
    this.#setup = setupTowards(dtls.setup);
    leg.dropTransport();
    try {
      leg.transport = new BrowserTransport({
        port: resources.browserPort,
        name: callId,
        local: this.#credentials,
        remote: { ice, dtls },
        handlers: this.handlers(),
      });
    } catch (error) {
      this.#remoteKey = '';
      throw toCopperlineError(error, 'CL_MEDIA_TRANSPORT_FAILED');
    }
  }

  protected local(answering: PeerDescription | undefined): {
    address: string;
    port: number;
    webrtc: LocalWebrtc;
  } {
    const { browserPort } = this.options.resources;
    const { candidates, certificate, port } = browserPort;
    return {
      address: candidates[0]?.address ?? '0.0.0.0',
      port,
      webrtc: {
        ...this.#credentials,
        fingerprint: certificate.fingerprint,
        // RFC 8842 section 5.2: an offer says actpass.
        setup: answering === undefined ? 'actpass' : (this.#setup ?? 'active'),
        candidates,
        ssrc: this.options.leg.stream.ssrc,
      },
    };
  }
}

export function createLink(options: LinkOptions): LegLink {
  return options.leg.policy.kind === 'webrtc' ? new BrowserLink(options) : new CarrierLink(options);
}

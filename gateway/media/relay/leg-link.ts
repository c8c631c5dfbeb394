import type { Clock } from '../../kernel/clock.js';
import type { CopperlineError } from '../../kernel/errors.js';
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
import type { MediaLeg } from './media-leg.js';
import type { TransportHandlers } from './media-transport.js';
import { newRandomNumbers } from './random-numbers.js';
import type { UdpPortPairs } from './udp-port-pair.js';

/** What all sessions of a worker share. */
export interface LinkResources {
  clock: Clock;
  /** Undefined where browsers are on pipes. */
  browserPort: BrowserPort | undefined;
  carrierPorts: UdpPortPairs;
  /** Address written into the SDP for carriers. */
  carrierAddress: string;
  soundFiles: SoundFiles;
}

export interface LinkOptions {
  resources: LinkResources;
  callId: string;
  /** The browser must be told another certificate than other calls. */
  ownCertificate: boolean;
  leg: MediaLeg;
  onConnected: () => void;
  onFailed: (error: CopperlineError) => void;
}

/** Whose text it is that the peer's description comes from: its own offer, the answer to ours, the answer to a renewal. */
export type RemoteKind = 'offer' | 'answer' | 'renewal';

/** What varies between the SDPs that we write for one leg. */
export interface LinkText {
  codecs: readonly SdpCodec[];
  telephoneEvents: readonly LocalTelephoneEvent[];
  comfortNoise: boolean;
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

  /** Takes the peer's side. @throws CopperlineError CL_MEDIA_SRTP, CL_MEDIA_SDP_NO_ICE */
  abstract connect(remote: PeerDescription, kind: RemoteKind): void;

  /** Ends the leg, and what waits for its peer. Idempotent. */
  close(): void {
    this.options.leg.close();
  }

  /** The SDP for the peer; the version grows when the text changes (RFC 3264 section 8). */
  write(text: LinkText): string {
    const { answering } = text;
    if (answering !== undefined) {
      this.#lines = answering.lines;
      this.#audioIndex = answering.audioIndex;
    }
    return this.#versioned(text, false);
  }

  /** A first offer once more, for a peer that knows nothing of those before. */
  writeAnew(text: Omit<LinkText, 'answering'>): string {
    return this.#versioned({ ...text, answering: undefined }, true);
  }

  /** The peer answered what writeAnew() wrote: from now on its lines count. */
  beginAnew(): void {
    this.#lines = undefined;
    this.#audioIndex = 0;
  }

  protected abstract local(
    answering: PeerDescription | undefined,
    anew: boolean,
  ): {
    address: string;
    port: number;
    webrtc: LocalWebrtc | undefined;
    rtcp?: LocalDescription['rtcp'];
  };

  /** Values of a=crypto for our SDP. */
  protected cryptoLines(_answering: boolean): string[] {
    return [];
  }

  protected handlers(): TransportHandlers {
    const { leg, onConnected, onFailed } = this.options;
    return { receiver: leg, onConnected, onFailed };
  }

  #versioned(text: LinkText, anew: boolean): string {
    const draft = this.#describe(text, anew, 0);
    if (draft !== this.#lastText) {
      this.#lastText = draft;
      this.#version += 1;
    }
    return this.#describe(text, anew, this.#version);
  }

  #describe(text: LinkText, anew: boolean, version: number): string {
    const { leg } = this.options;
    const description: LocalDescription = {
      sessionId: this.#sessionId,
      version,
      rtcp: 'next-port',
      ...this.local(text.answering, anew),
      crypto: this.cryptoLines(text.answering !== undefined),
      codecs: text.codecs,
      telephoneEvents: text.telephoneEvents,
      comfortNoise: text.comfortNoise,
      direction: text.direction,
      ptimeMs: leg.policy.ptimeMs,
      lines: (anew ? undefined : this.#lines) ?? [offeredLine(leg.policy)],
      audioIndex: anew ? 0 : this.#audioIndex,
    };
    return writeSdp(description);
  }
}

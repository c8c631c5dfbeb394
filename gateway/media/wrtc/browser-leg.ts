import type { Clock, Timer } from '../../kernel/clock.js';
import type { CopperlineError } from '../../kernel/errors.js';
import {
  chooseTelephoneEvent,
  telephoneEventRatesToOffer,
} from '../dtmf/telephone-event-choice.js';
import type { CodecName } from '../media-engine.js';
import type { Direction } from '../sdp/direction.js';
import { amongLines, narrowSdp } from '../sdp/narrow-sdp.js';
import { parseSdp } from '../sdp/parse-sdp.js';
import type { PeerDescription } from '../sdp/peer-description.js';
import { BrowserPeer } from './browser-peer.js';
import { type BrowserAddress, withOwnCandidates, withoutCandidates } from './candidates.js';
import type { FrameClock } from './frame-clock.js';
import { NO_COUNTERS, type PeerCounters } from './peer-counters.js';
import { SoundPipe } from './sound-pipe.js';
import type { WebrtcLibrary } from './webrtc-wire.js';

/** What all browsers of a worker share. */
export interface BrowserResources {
  library: WebrtcLibrary;
  address: BrowserAddress;
  ports: { min: number; max: number } | undefined;
  frames: FrameClock;
  clock: Clock;
  /** How often it is looked whether packets come, ms. */
  lookMs: number;
}

export interface BrowserLegOptions {
  resources: BrowserResources;
  ssrc: number;
  onConnected: () => void;
  onFailed: (error: CopperlineError) => void;
}

/** A browser's side of a call: libwebrtc towards the browser, G.711 on a pipe towards the call. */
export class BrowserLeg {
  readonly pipe: SoundPipe;
  codec: CodecName | undefined;
  readonly #options: BrowserLegOptions;
  readonly #peer: BrowserPeer;
  readonly #stopFrames: () => void;
  /** The m= lines of the browser: later offers keep them. */
  #remote: PeerDescription | undefined;
  #counters: PeerCounters = NO_COUNTERS;
  /** Packets come: what NetEq makes up for a browser that is gone is not passed on. */
  #isHeard = true;
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: BrowserLegOptions) {
    this.#options = options;
    const { resources, ssrc, onConnected, onFailed } = options;
    const { library, ports, frames } = resources;
    this.#peer = new BrowserPeer({
      ...{ library, ports, onConnected, onFailed },
      onSound: (samples, sampleRate) => {
        if (this.#isHeard && this.#peer.connected) this.pipe.hear(samples, sampleRate);
      },
    });
    this.pipe = new SoundPipe({
      ssrc,
      say: (samples) => {
        this.#peer.say(samples, 8000);
      },
    });
    this.#stopFrames = frames.listen(() => {
      if (this.#peer.connected) this.pipe.tick();
    });
    this.#look();
  }

  /** Answers a browser's offer with one codec. @throws CopperlineError CL_MEDIA_TRANSPORT_FAILED */
  async answer(
    { described, source }: { described: PeerDescription; source: string },
    { codec, direction }: { codec: CodecName; direction: Direction },
  ): Promise<string> {
    const event = chooseTelephoneEvent(codec, described.telephoneEvents);
    const chosen = described.codecs.filter((entry) => entry.codec === codec);
    const { audioIndex } = described;
    const offered = narrowSdp(source, {
      ...{ audioIndex, direction: described.direction },
      payloadTypes: typesOf([...chosen, ...(event === undefined ? [] : [event])]),
    });
    const text = await this.#peer.answer(withoutCandidates(offered));
    this.codec = codec;
    this.#remote = described;
    return this.#told(text, { codecs: [codec], direction });
  }

  /** Our offer to the browser, with these codecs in this order. @throws CopperlineError CL_MEDIA_TRANSPORT_FAILED */
  async offer(wanted: { codecs: readonly CodecName[]; direction: Direction }): Promise<string> {
    return this.#told(await this.#peer.offer(), wanted);
  }

  /** @throws CopperlineError CL_MEDIA_TRANSPORT_FAILED */
  async takeAnswer(
    { described, source }: { described: PeerDescription; source: string },
    codec: CodecName,
  ): Promise<void> {
    const chosen = described.codecs.filter((entry) => entry.codec === codec);
    const { audioIndex, direction, telephoneEvents } = described;
    const answer = narrowSdp(source, {
      ...{ audioIndex, direction },
      payloadTypes: typesOf([...chosen, ...telephoneEvents]),
    });
    await this.#peer.takeAnswer(withoutCandidates(answer));
    this.codec = codec;
    this.#remote = described;
  }

  /** As they were a moment ago. */
  get lastCounters(): PeerCounters {
    return this.#counters;
  }

  /** What libwebrtc counts now. */
  async counters(): Promise<PeerCounters> {
    this.#counters = (await this.#peer.counters()) ?? this.#counters;
    return this.#counters;
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#stopFrames();
    this.#peer.close();
  }

  #told(
    text: string,
    { codecs, direction }: { codecs: readonly CodecName[]; direction: Direction },
  ): string {
    const own = parseSdp(text, 'webrtc');
    const rates = telephoneEventRatesToOffer(codecs);
    const listed = codecs.flatMap((name) => own.codecs.filter(({ codec }) => codec === name));
    const events = own.telephoneEvents.filter(({ clockRate }) => rates.includes(clockRate));
    const some = events.length > 0 ? events : own.telephoneEvents;
    const payloadTypes = typesOf([...listed, ...some]);
    const narrowed = narrowSdp(text, { audioIndex: own.audioIndex, payloadTypes, direction });
    return amongLines(withOwnCandidates(narrowed, this.#options.resources.address), this.#remote);
  }

  #look(): void {
    const { clock, lookMs } = this.#options.resources;
    this.#timer = clock.setTimer(() => {
      const { packetsReceived } = this.#counters;
      void this.counters().then((now) => {
        this.#isHeard = now.packetsReceived !== packetsReceived;
        if (!this.#closed) this.#look();
      });
    }, lookMs);
  }
}

function typesOf(formats: readonly { payloadType: number }[]): number[] {
  return formats.map(({ payloadType }) => payloadType);
}

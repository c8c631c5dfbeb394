import { randomBytes } from 'node:crypto';
import type { Clock, Timer } from '../../kernel/clock.js';
import type { CopperlineError } from '../../kernel/errors.js';
import {
  chooseTelephoneEvent,
  telephoneEventRatesToOffer,
} from '../dtmf/telephone-event-choice.js';
import type { CodecName } from '../media-engine.js';
import type { Direction } from '../sdp/direction.js';
import { amongLines, narrowSdp, withOrigin } from '../sdp/narrow-sdp.js';
import { parseSdp } from '../sdp/parse-sdp.js';
import type { PeerDescription } from '../sdp/peer-description.js';
import type { DtlsPart } from './browser-peer.js';
import { BrowserWays } from './browser-ways.js';
import { BrowserWay } from './browser-way.js';
import {
  type BrowserAddress,
  withOwnCandidates,
  withoutCandidates,
  withPacketTime,
} from './candidates.js';
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

/** An SDP of a browser. */
export interface BrowserText {
  described: PeerDescription;
  source: string;
}

/** A browser's side of a call: libwebrtc towards the browser, G.711 on a pipe towards the call. */
export class BrowserLeg {
  readonly pipe: SoundPipe;
  codec: CodecName | undefined;
  readonly #options: BrowserLegOptions;
  readonly #ways: BrowserWays;
  readonly #stopFrames: () => void;
  #part: DtlsPart = 'active';
  #counters: PeerCounters = NO_COUNTERS;
  /** Packets come: what NetEq makes up for a browser that is gone is not passed on. */
  #isHeard = true;
  #timer: Timer | undefined;
  #closed = false;
  readonly #originId = String(randomBytes(6).readUIntBE(0, 6));
  #written = { body: '', version: 0 };

  constructor(options: BrowserLegOptions) {
    this.#options = options;
    const { resources, ssrc, onConnected, onFailed } = options;
    const { library, ports, frames } = resources;
    this.#ways = new BrowserWays({
      ...{ library, ports, onFailed },
      onConnected: () => {
        this.#isHeard = true;
        onConnected();
      },
      onSound: (samples, sampleRate) => {
        if (this.#isHeard) this.pipe.hear(samples, sampleRate);
      },
    });
    this.pipe = new SoundPipe({
      ssrc,
      say: (samples) => {
        this.#ways.say(samples, 8000);
      },
    });
    this.#stopFrames = frames.listen(() => {
      if (this.#ways.connected) this.pipe.tick();
    });
    this.#look();
  }

  /** UDP ports that libwebrtc has for it. */
  get ports(): number {
    return this.#closed ? 0 : this.#ways.count;
  }

  /**
   * Answers a browser's offer with one codec. From another end than the one that is known (an ICE restart, a page that was loaded again),
   * it is answered with another connection of ours, which takes the place of the one before when it is up.
   * @throws CopperlineError CL_MEDIA_TRANSPORT_FAILED
   */
  async answer(
    { described, source }: BrowserText,
    { codec, direction }: { codec: CodecName; direction: Direction },
  ): Promise<string> {
    const event = chooseTelephoneEvent(codec, described.telephoneEvents);
    const chosen = described.codecs.filter((entry) => entry.codec === codec);
    const { audioIndex, ptimeMs } = described;
    const offered = narrowSdp(source, {
      ...{ audioIndex, direction: described.direction },
      payloadTypes: typesOf([...chosen, ...(event === undefined ? [] : [event])]),
    });
    const readable = withPacketTime(withoutCandidates(offered), ptimeMs);
    const way = this.#ways.towards(described);
    const text = await this.#ways.attempt(way, () => way.peer.answer(readable, this.#part));
    const { dtls } = parseSdp(text, 'webrtc');
    if (dtls?.setup === 'active' || dtls?.setup === 'passive') this.#part = dtls.setup;
    this.codec = codec;
    way.remote = described;
    return this.#told(way, text, { codecs: [codec], direction });
  }

  /** Our offer to the browser, with these codecs in this order. @throws CopperlineError CL_MEDIA_TRANSPORT_FAILED */
  async offer(wanted: { codecs: readonly CodecName[]; direction: Direction }): Promise<string> {
    const way = this.#ways.latest;
    return this.#told(way, await way.peer.offer(), wanted);
  }

  /** An offer of another connection, to a browser that has nothing of this call yet. @throws CopperlineError CL_MEDIA_TRANSPORT_FAILED */
  async offerAnew(wanted: { codecs: readonly CodecName[]; direction: Direction }): Promise<string> {
    const way = this.#ways.rise();
    const text = await this.#ways.attempt(way, () => way.peer.offer());
    return this.#told(way, text, wanted);
  }

  /** @throws CopperlineError CL_MEDIA_TRANSPORT_FAILED */
  takeAnswer(answer: BrowserText, codec: CodecName): Promise<void> {
    return this.#take(this.#ways.latest, answer, codec);
  }

  /** The answer to offerAnew(). @throws CopperlineError CL_MEDIA_TRANSPORT_FAILED, CL_MEDIA_SDP_NO_OFFER */
  async takeAnswerAnew(answer: BrowserText, codec: CodecName): Promise<void> {
    await this.#take(this.#ways.offered(), answer, codec);
  }

  /** Forgets the browser: the next route is another one. */
  startAnew(): void {
    this.#ways.startAnew();
  }

  /** As they were a moment ago. */
  get lastCounters(): PeerCounters {
    return this.#counters;
  }

  /** What libwebrtc counts now. */
  async counters(): Promise<PeerCounters> {
    this.#counters = await this.#ways.counters();
    return this.#counters;
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#stopFrames();
    this.#ways.close();
  }

  async #take(
    way: BrowserWay,
    { described, source }: BrowserText,
    codec: CodecName,
  ): Promise<void> {
    // The 200 after a 183 says the same once more.
    if (!way.peer.awaitsAnswer && way.leadsTo(described)) return;
    const chosen = described.codecs.filter((entry) => entry.codec === codec);
    const { audioIndex, direction, telephoneEvents, ptimeMs } = described;
    const answer = narrowSdp(source, {
      ...{ audioIndex, direction },
      payloadTypes: typesOf([...chosen, ...telephoneEvents]),
    });
    await way.peer.takeAnswer(withPacketTime(withoutCandidates(answer), ptimeMs));
    this.#part = BrowserWay.partTowards(described);
    this.codec = codec;
    way.remote = described;
  }

  #told(
    { remote }: BrowserWay,
    text: string,
    { codecs, direction }: { codecs: readonly CodecName[]; direction: Direction },
  ): string {
    const own = parseSdp(text, 'webrtc');
    const rates = telephoneEventRatesToOffer(codecs);
    const listed = codecs.flatMap((name) => own.codecs.filter(({ codec }) => codec === name));
    const events = rates.flatMap((rate) =>
      own.telephoneEvents.filter(({ clockRate }) => clockRate === rate),
    );
    const some = events.length > 0 ? events : own.telephoneEvents;
    const payloadTypes = typesOf([...listed, ...some]);
    const narrowed = narrowSdp(text, { audioIndex: own.audioIndex, payloadTypes, direction });
    const among = amongLines(withOwnCandidates(narrowed, this.#options.resources.address), remote);
    return this.#versioned(among);
  }

  /** RFC 3264 section 8: one origin, whose version grows with each change. */
  #versioned(sdp: string): string {
    const body = withOrigin(sdp, { id: this.#originId, version: 0 });
    if (body !== this.#written.body) this.#written = { body, version: this.#written.version + 1 };
    return withOrigin(sdp, { id: this.#originId, version: this.#written.version });
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

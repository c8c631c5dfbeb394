import type { Clock } from '../../kernel/clock.js';
import { CopperlineError } from '../../kernel/errors.js';
import { SerialQueue } from '../../kernel/serial-queue.js';
import type {
  DigitFate,
  DigitToSend,
  LegName,
  LegPolicy,
  MediaSessionHandlers,
  MediaStatistics,
  Sound,
} from '../media-engine.js';
import type { BrowserResources } from './browser-leg.js';
import type { BrowserAddress } from './candidates.js';
import { FrameClock } from './frame-clock.js';
import type { InnerSessions } from './inner-session.js';
import { loadWebrtc } from './webrtc-wire.js';
import { WrtcSession } from './wrtc-session.js';

export interface WrtcHostOptions {
  browser: BrowserAddress & { ports: { min: number; max: number } | undefined };
  timeoutMs: number;
}

interface Entry {
  session: WrtcSession;
  queue: SerialQueue;
}

const SLOWEST_LOOK_MS = 1000;

/** All sessions of one worker process that speaks to browsers through libwebrtc. */
export class WrtcHost {
  /** libwebrtc opens one for each browser. */
  readonly browserPort = 0;
  readonly #resources: BrowserResources;
  readonly #inner: InnerSessions;
  readonly #sessions = new Map<number, Entry>();

  private constructor(resources: BrowserResources, inner: InnerSessions) {
    this.#resources = resources;
    this.#inner = inner;
  }

  static async start(
    { browser, timeoutMs }: WrtcHostOptions,
    { clock, inner }: { clock: Clock; inner: InnerSessions },
  ): Promise<WrtcHost> {
    const library = await loadWebrtc();
    const { ports, ...address } = browser;
    const frames = new FrameClock(clock);
    const lookMs = Math.min(SLOWEST_LOOK_MS, Math.max(100, timeoutMs / 4));
    return new WrtcHost({ library, address, ports, frames, clock, lookMs }, inner);
  }

  open(id: number, options: { callId: string; handlers: MediaSessionHandlers }): void {
    const session = new WrtcSession({
      ...options,
      resources: this.#resources,
      inner: this.#inner,
    });
    this.#sessions.set(id, { session, queue: new SerialQueue() });
  }

  offerTo(
    id: number,
    to: LegName,
    offer: { sdp: string; policies: { from: LegPolicy; to: LegPolicy } },
  ): Promise<string> {
    const { session, queue } = this.#entry(id);
    return queue.run(() => session.offerTo(to, offer.sdp, offer.policies));
  }

  offerAlone(
    id: number,
    to: LegName,
    policies: { from: LegPolicy; to: LegPolicy },
  ): Promise<string> {
    const { session, queue } = this.#entry(id);
    return queue.run(() => session.offerAlone(to, policies));
  }

  answerTo(id: number, to: LegName, answer: string): Promise<string> {
    const { session, queue } = this.#entry(id);
    return queue.run(() => session.answerTo(to, answer));
  }

  answerAlone(id: number, to: LegName, offer: { sdp: string; policy: LegPolicy }): Promise<string> {
    const { session, queue } = this.#entry(id);
    return queue.run(() => session.answerAlone(to, offer.sdp, offer.policy));
  }

  sendDigits(id: number, to: LegName, digits: readonly DigitToSend[]): DigitFate[] {
    return this.#entry(id).session.sendDigits(to, digits);
  }

  play(id: number, to: LegName, sound: Sound): Promise<void> {
    return this.#entry(id).session.play(to, sound);
  }

  stopPlaying(id: number, to: LegName): void {
    this.#entry(id).session.stopPlaying(to);
  }

  listenForPrompt(_id: number, _from: LegName, _limitMs: number): void {
    throw unsupported('listen for prompts');
  }

  renewalOffer(id: number, to: LegName): Promise<string> {
    const { session, queue } = this.#entry(id);
    return queue.run(() => session.renewal.offer(to));
  }

  renewWithAnswer(id: number, from: LegName, answer: string): Promise<void> {
    const { session, queue } = this.#entry(id);
    return queue.run(() => session.renewal.takeAnswer(from, answer));
  }

  renewWithOffer(id: number, from: LegName, offer: string): Promise<string> {
    const { session, queue } = this.#entry(id);
    return queue.run(() => session.renewal.takeOffer(from, offer));
  }

  statistics(id: number): Promise<MediaStatistics> {
    return this.#entry(id).session.statistics();
  }

  close(id: number): Promise<MediaStatistics> {
    const { session } = this.#entry(id);
    this.#sessions.delete(id);
    return session.close();
  }

  counts(): { sessions: number; ports: number; foreign: undefined } {
    const browsers = [...this.#sessions.values()].reduce(
      (sum, { session }) => sum + session.ports,
      0,
    );
    return {
      sessions: this.#sessions.size,
      ports: this.#inner.ports + browsers,
      foreign: undefined,
    };
  }

  shutDown(): void {
    for (const { session } of this.#sessions.values()) void session.close();
    this.#sessions.clear();
  }

  #entry(id: number): Entry {
    const entry = this.#sessions.get(id);
    if (entry !== undefined) return entry;
    throw new CopperlineError('CL_MEDIA_CLOSED', { sentence: 'The media session is closed.' });
  }
}

function unsupported(what: string): CopperlineError {
  const sentence = `The media engine wrtc cannot ${what}.`;
  return new CopperlineError('CL_MEDIA_UNSUPPORTED', { sentence });
}

import type { Clock, Timer } from '../../kernel/clock.js';
import { CopperlineError } from '../../kernel/errors.js';
import { type LegName, type LegPolicy, otherLeg } from '../media-engine.js';
import type { CallCounters } from './call-counters.js';

export interface CallWatchOptions {
  /** A leg that is not on hold and sends nothing for this long ends the call, ms. */
  timeoutMs: number;
  clock: Clock;
  /** The counters as they are now. */
  look(): Promise<CallCounters>;
  /** Undefined while the leg has said nothing. */
  kindOf(leg: LegName): LegPolicy['kind'] | undefined;
  /** Whether the leg may send, by its last SDP; undefined while it has none. */
  maySend(leg: LegName): boolean | undefined;
  onConnected(leg: LegName): void;
  onFailed(error: CopperlineError): void;
}

const LEGS: readonly LegName[] = ['caller', 'callee'];

/** While a leg is not connected; then as often as the timeout asks for. */
const CONNECTING_MS = 200;
const SLOWEST_MS = 2000;
/** No packet for so long is worth a sentence; one that suppresses silence still reports by RTCP (RFC 3550 section 6.2). */
const UNHEARD_MS = 3000;
const SILENCE_AFTER_AUDIO_MS = 8000;
/** As in every engine: a carrier may ring in silence. */
const SILENT_START = 4;

/** rtpengine 10.5 tells nobody of a connection or of silence, so its counters are looked at. */
export class CallWatch {
  readonly #options: CallWatchOptions;
  readonly #connected = new Set<LegName>();
  readonly #packets: Record<LegName, number> = { caller: 0, callee: 0 };
  readonly #since: Record<LegName, number>;
  #timer: Timer | undefined;
  #running = false;
  #stopped = false;

  constructor(options: CallWatchOptions) {
    this.#options = options;
    const now = options.clock.monotonic();
    this.#since = { caller: now, callee: now };
  }

  /** Called with each answer; the time until a first packet counts from the last one. */
  start(): void {
    if (this.#stopped) return;
    const now = this.#options.clock.monotonic();
    for (const leg of LEGS) if (this.#packets[leg] === 0) this.#since[leg] = now;
    if (this.#running) return;
    this.#running = true;
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** What is wrong with a leg that should send, in a sentence. */
  problemOf(leg: LegName): string | undefined {
    if (!this.#running || this.#options.maySend(leg) !== true) return undefined;
    const silentMs = this.#options.clock.monotonic() - this.#since[leg];
    if (this.#packets[leg] === 0) return silentMs > UNHEARD_MS ? this.#neverHeard(leg) : undefined;
    if (silentMs <= SILENCE_AFTER_AUDIO_MS) return undefined;
    return `No packets from the ${this.#peer(leg)} for ${Math.round(silentMs / 1000)} s.`;
  }

  /** One-way audio named: what to look at when a leg that should send was never heard. */
  #neverHeard(leg: LegName): string {
    return this.#options.kindOf(leg) === 'rtp'
      ? "No packets from the carrier since the answer: check the addresses of rtpengine (--interface) or the trunk's firewall."
      : 'No packets from the browser since the answer: check the addresses of rtpengine (--interface), and that UDP to its ports passes.';
  }

  #peer(leg: LegName): string {
    return this.#options.kindOf(leg) === 'rtp' ? 'carrier' : 'browser';
  }

  #schedule(): void {
    if (this.#stopped) return;
    const { clock, timeoutMs } = this.#options;
    const steady = Math.min(SLOWEST_MS, Math.max(50, timeoutMs / 4));
    const wait = this.#connected.size < LEGS.length ? Math.min(CONNECTING_MS, steady) : steady;
    this.#timer = clock.setTimer(() => {
      void this.#look().then(() => {
        this.#schedule();
      });
    }, wait);
  }

  async #look(): Promise<void> {
    try {
      const counters = await this.#options.look();
      if (!this.#stopped) for (const leg of LEGS) this.#judge(leg, counters);
    } catch {
      // Whoever looks has told the owner when the call is lost; a single unanswered look is none.
    }
  }

  #judge(leg: LegName, counters: CallCounters): void {
    const { clock, timeoutMs } = this.#options;
    const maySend = (name: LegName): boolean | undefined => this.#options.maySend(name);
    const { packets, secured } = counters[leg];
    if ((secured || packets > 0) && !this.#connected.has(leg)) {
      this.#connected.add(leg);
      this.#options.onConnected(leg);
    }
    const now = clock.monotonic();
    if (packets !== this.#packets[leg] || maySend(leg) !== true) {
      this.#packets[leg] = packets;
      this.#since[leg] = now;
      return;
    }
    const limit = packets === 0 ? timeoutMs * SILENT_START : timeoutMs;
    if (this.#stopped || now - this.#since[leg] < limit) return;
    // Once for both legs, which often fall silent together.
    for (const each of LEGS) this.#since[each] = now;
    const other = maySend(otherLeg(leg)) === true ? '' : ' (the other side is on hold)';
    const why = packets === 0 ? ` ${this.#neverHeard(leg)}` : '';
    const sentence = `No media came from the ${leg} for ${limit / 1000} s${other}.${why}`;
    this.#options.onFailed(new CopperlineError('CL_MEDIA_TIMEOUT', { sentence }));
  }
}

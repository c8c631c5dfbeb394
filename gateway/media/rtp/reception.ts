import { sequenceDistance } from './rtp-packet.js';

/** RFC 3550 A.1: a step beyond these is a restarted sender. */
const MAX_DROPOUT = 3000;
const MAX_MISORDER = 100;

/** What RFC 3550 section 6.4.1 reports about one received stream. */
export interface ReceptionReport {
  ssrc: number;
  /** Since the last report, in 1/256. */
  fractionLost: number;
  /** 24 bit, signed. */
  cumulativeLost: number;
  highestSequence: number;
  /** In timestamp units. */
  jitter: number;
}

/**
 * Counts what comes from one leg: packets, loss (RFC 3550 A.3) and interarrival jitter (A.8). A new SSRC or a
 * restarted sequence starts a new count; what was lost before stays counted.
 */
export class Reception {
  received = 0;
  ssrc = 0;
  #clockRate = 8000;
  #started = false;
  #base = 0;
  #highest = 0;
  #cycles = 0;
  #receivedOfSource = 0;
  #lostBefore = 0;
  #expectedPrior = 0;
  #receivedPrior = 0;
  #transit = 0;
  #hasTransit = false;
  #jitter = 0;

  /** The RTP clock of the codec, Hz; a change starts the jitter anew. */
  set clockRate(rate: number) {
    if (rate === this.#clockRate) return;
    this.#clockRate = rate;
    this.#hasTransit = false;
    this.#jitter = 0;
  }

  get started(): boolean {
    return this.#started;
  }

  /** Never negative: duplicates may outnumber losses. */
  get lost(): number {
    return this.#lostBefore + Math.max(0, this.#lostOfSource());
  }

  get jitterMs(): number {
    return (this.#jitter * 1000) / this.#clockRate;
  }

  /** One valid RTP packet; `now` is Clock.monotonic. */
  packet(sequence: number, ssrc: number): void {
    this.received += 1;
    if (!this.#started || ssrc !== this.ssrc) {
      this.#restart(sequence, ssrc);
    } else {
      const step = sequenceDistance(sequence, this.#highest);
      if (step > MAX_DROPOUT || step < -MAX_MISORDER) this.#restart(sequence, ssrc);
      else if (step > 0) {
        if (sequence < this.#highest) this.#cycles += 65_536;
        this.#highest = sequence;
      }
    }
    this.#receivedOfSource += 1;
  }

  /** Jitter is measured on audio alone: telephone-events repeat one timestamp. */
  arrival(timestamp: number, now: number): void {
    const transit = (Math.round((now * this.#clockRate) / 1000) - timestamp) | 0;
    if (this.#hasTransit) {
      const difference = Math.abs((transit - this.#transit) | 0);
      // A jump of over a second is a new timestamp base, not jitter.
      if (difference < this.#clockRate) this.#jitter += (difference - this.#jitter) / 16;
    }
    this.#transit = transit;
    this.#hasTransit = true;
  }

  /** The values for a report block; starts a new reporting interval. */
  report(): ReceptionReport {
    const expected = this.#expected();
    const expectedInterval = expected - this.#expectedPrior;
    const lostInterval = expectedInterval - (this.#receivedOfSource - this.#receivedPrior);
    this.#expectedPrior = expected;
    this.#receivedPrior = this.#receivedOfSource;
    const lossy = expectedInterval > 0 && lostInterval > 0;
    return {
      ssrc: this.ssrc,
      fractionLost: lossy ? Math.min(255, Math.floor((lostInterval * 256) / expectedInterval)) : 0,
      cumulativeLost: Math.max(-0x800000, Math.min(0x7fffff, this.#lostOfSource())),
      highestSequence: (this.#cycles + this.#highest) >>> 0,
      jitter: Math.round(this.#jitter),
    };
  }

  #expected(): number {
    return this.#started ? this.#cycles + this.#highest - this.#base + 1 : 0;
  }

  #lostOfSource(): number {
    return this.#expected() - this.#receivedOfSource;
  }

  #restart(sequence: number, ssrc: number): void {
    this.#lostBefore += Math.max(0, this.#lostOfSource());
    this.#started = true;
    this.ssrc = ssrc;
    this.#base = sequence;
    this.#highest = sequence;
    this.#cycles = 0;
    this.#receivedOfSource = 0;
    this.#expectedPrior = 0;
    this.#receivedPrior = 0;
    this.#hasTransit = false;
  }
}

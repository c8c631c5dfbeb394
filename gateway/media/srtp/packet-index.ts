import { sequenceDistance } from '../rtp/rtp-packet.js';

/** RFC 3711 section 3.3.2 asks for 64 at least. A power of two. */
const WINDOW = 256;
const WORD_BITS = 32;
const MAX_ROLLOVER = 0xffff_ffff;

/** Remembers which of the last packets of a stream, or records of DTLS, were seen, so that none is taken twice. Numbers of up to 48 bits. */
export class ReplayWindow {
  /** A bit for each of the last WINDOW indexes. */
  readonly #seen = new Array<number>(WINDOW / WORD_BITS).fill(0);
  #highest = -1;

  isNew(index: number): boolean {
    if (index > this.#highest) return true;
    const place = index & (WINDOW - 1);
    const bits = this.#seen[place >>> 5] ?? 0;
    return index > this.#highest - WINDOW && ((bits >>> (place & 31)) & 1) === 0;
  }

  /** One that is new. */
  add(index: number): void {
    if (index > this.#highest) this.#advance(index);
    const place = index & (WINDOW - 1);
    this.#seen[place >>> 5] = (this.#seen[place >>> 5] ?? 0) | (1 << (place & 31));
  }

  /** Forgets those whose places in the window are needed again. */
  #advance(index: number): void {
    if (index - this.#highest >= WINDOW) this.#seen.fill(0);
    else
      for (let next = this.#highest + 1; next <= index; next += 1) {
        const place = next & (WINDOW - 1);
        this.#seen[place >>> 5] = (this.#seen[place >>> 5] ?? 0) & ~(1 << (place & 31));
      }
    this.#highest = index;
  }
}

/** The rollover counter of one SSRC, guessed from the sequence numbers (RFC 3711 section 3.3.1 and appendix A). */
export class RolloverCounter {
  #rollover: number;
  #highest = -1;

  constructor(rollover = 0) {
    this.#rollover = rollover;
  }

  /** True once a packet was found authentic. */
  get started(): boolean {
    return this.#highest >= 0;
  }

  get value(): number {
    return this.#rollover;
  }

  /** Of a packet; -1 for one from before the beginning. */
  of(sequence: number): number {
    if (this.#highest < 0) return this.#rollover;
    const step = sequenceDistance(sequence, this.#highest);
    const at = this.#highest + step;
    if (at > 0xffff) return this.#rollover === MAX_ROLLOVER ? -1 : this.#rollover + 1;
    return at < 0 ? this.#rollover - 1 : this.#rollover;
  }

  /** A packet was found authentic under that counter. */
  accept(rollover: number, sequence: number): void {
    const ahead = rollover > this.#rollover || sequence > this.#highest;
    if (rollover < this.#rollover || !ahead) return;
    this.#rollover = rollover;
    this.#highest = sequence;
  }
}

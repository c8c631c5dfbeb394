/** RFC 6347 section 4.1.2.6 asks for 32 at least, and prefers 64. */
const WINDOW = 64;

/** The records of an epoch that have come already. To be told of a record only after its authentication. */
export class ReplayWindow {
  #highest = -1;
  /** The last sequence number of each place in the window. */
  readonly #seen = new Array<number>(WINDOW).fill(-1);

  /** False for a record that came before, or that is too old to know. */
  isNew(sequence: number): boolean {
    return sequence > this.#highest - WINDOW && this.#seen[sequence % WINDOW] !== sequence;
  }

  add(sequence: number): void {
    this.#highest = Math.max(this.#highest, sequence);
    this.#seen[sequence % WINDOW] = sequence;
  }
}

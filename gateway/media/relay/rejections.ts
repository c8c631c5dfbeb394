import type { LegName, Rejection, RejectionCause } from '../media-engine.js';

/** Counts the packets of one leg that are dropped, and tells the first of each cause. */
export class Rejections {
  count = 0;
  readonly #leg: LegName;
  readonly #tell: (rejection: Rejection) => void;
  readonly #told = new Set<RejectionCause>();

  constructor(leg: LegName, tell: (rejection: Rejection) => void) {
    this.#leg = leg;
    this.#tell = tell;
  }

  /** True when it is the first of its cause, which is then to be named: a flood must not cost a sentence for each packet. */
  isFirst(cause: RejectionCause): boolean {
    this.count += 1;
    return !this.#told.has(cause);
  }

  name(cause: RejectionCause, sentence: string): void {
    this.#told.add(cause);
    this.#tell({ leg: this.#leg, cause, sentence });
  }
}

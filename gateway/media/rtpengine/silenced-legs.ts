import { type LegName, otherLeg } from '../media-engine.js';
import { type Direction, receives, sends } from '../sdp/direction.js';

/** Keeps legs that may not send from it: the daemon passes on whatever comes. */
export class SilencedLegs {
  readonly #legs = new Set<LegName>();
  readonly #request: (command: 'block media' | 'unblock media', leg: LegName) => Promise<unknown>;

  constructor(
    request: (command: 'block media' | 'unblock media', leg: LegName) => Promise<unknown>,
  ) {
    this.#request = request;
  }

  /** @param directions of the last SDP of each leg */
  async follow(directions: Partial<Record<LegName, Direction>>): Promise<void> {
    for (const leg of ['caller', 'callee'] as const) {
      const silent = sendsNothing(directions[leg], directions[otherLeg(leg)]);
      if (silent === this.#legs.has(leg)) continue;
      await this.#request(silent ? 'block media' : 'unblock media', leg);
      if (silent) this.#legs.add(leg);
      else this.#legs.delete(leg);
    }
  }
}

function sendsNothing(own: Direction | undefined, other: Direction | undefined): boolean {
  if (own === undefined || other === undefined) return false;
  return !sends(own) || !receives(other);
}

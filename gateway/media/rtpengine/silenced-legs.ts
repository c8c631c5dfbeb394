import { type LegName, otherLeg } from '../media-engine.js';
import { type Direction, receives, sends } from '../sdp/direction.js';

/** Keeps legs that may not send from it, and those in whose place the other leg hears a sound: the daemon passes on whatever comes. */
export class SilencedLegs {
  readonly #legs = new Set<LegName>();
  readonly #hearsSound = new Set<LegName>();
  readonly #request: (command: 'block media' | 'unblock media', leg: LegName) => Promise<unknown>;
  #directions: Partial<Record<LegName, Direction | undefined>> = {};

  constructor(
    request: (command: 'block media' | 'unblock media', leg: LegName) => Promise<unknown>,
  ) {
    this.#request = request;
  }

  /** @param directions of the last SDP of each leg */
  async follow(directions: Partial<Record<LegName, Direction | undefined>>): Promise<void> {
    this.#directions = { ...directions };
    await this.#apply();
  }

  /** Whether a leg hears a sound. */
  async sound(leg: LegName, heard: boolean): Promise<void> {
    if (heard) this.#hearsSound.add(leg);
    else this.#hearsSound.delete(leg);
    await this.#apply();
  }

  /** Another peer has taken the place of that leg. */
  forget(leg: LegName): void {
    this.#legs.delete(leg);
    this.#directions[leg] = undefined;
  }

  async #apply(): Promise<void> {
    for (const leg of ['caller', 'callee'] as const) {
      const other = otherLeg(leg);
      const silent =
        this.#hearsSound.has(other) || sendsNothing(this.#directions[leg], this.#directions[other]);
      // The daemon knows no leg that has said nothing yet.
      if (silent === this.#legs.has(leg) || this.#directions[leg] === undefined) continue;
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

import type { LegName } from '../media-engine.js';

/**
 * The tags by which a daemon knows the legs of a call. A leg that is called in the place of another one (the next route) has a tag of its
 * own, which is its via-branch as well: so it gets other ports while the leg that calls keeps its own.
 */
export class LegTags {
  readonly #routes: Record<LegName, number> = { caller: 1, callee: 1 };

  of(leg: LegName): string {
    return tagOf(leg, this.#routes[leg]);
  }

  /** What of() will be once next() was called. */
  following(leg: LegName): string {
    return tagOf(leg, this.#routes[leg] + 1);
  }

  next(leg: LegName): void {
    this.#routes[leg] += 1;
  }

  legOf(tag: string): LegName | undefined {
    return (['caller', 'callee'] as const).find((leg) => this.of(leg) === tag);
  }
}

function tagOf(leg: LegName, route: number): string {
  return route === 1 ? leg : `${leg}-${route}`;
}

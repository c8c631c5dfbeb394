import type { Endpoint } from './stun-response.js';

/** An address that the peer has sent a valid check from. */
export interface IcePath extends Endpoint {
  /** The peer's ufrag in the last one. */
  theirs: string;
  /** Clock.monotonic of the last one. */
  checkedAt: number;
}

/** A browser has one for each network, or two where a NAT has another one for each of our addresses. */
const MAX_PATHS = 8;

/** The paths of one peer, the one that was checked last at the end; those that were checked longest ago are forgotten. */
export class IcePaths {
  readonly #paths: IcePath[] = [];
  readonly #onForgotten: (path: IcePath) => void;

  constructor(onForgotten: (path: IcePath) => void) {
    this.#onForgotten = onForgotten;
  }

  get newest(): IcePath | undefined {
    return this.#paths.at(-1);
  }

  /** The path from there, which was checked just now. */
  touch({ address, port }: Endpoint, now: number): IcePath | undefined {
    const at = this.#paths.findIndex((path) => path.port === port && path.address === address);
    const [path] = at < 0 ? [] : this.#paths.splice(at, 1);
    if (path === undefined) return undefined;
    path.checkedAt = now;
    this.#paths.push(path);
    return path;
  }

  /** @param target never forgotten for it */
  add(path: IcePath, target: IcePath | undefined): void {
    this.#paths.push(path);
    if (this.#paths.length > MAX_PATHS) this.#forget(this.#paths[0] === target ? 1 : 0);
  }

  /** Forgets all that are not of this peer. */
  keepOnly(theirs: string): void {
    for (let at = this.#paths.length - 1; at >= 0; at -= 1)
      if (this.#paths[at]?.theirs !== theirs) this.#forget(at);
  }

  clear(): void {
    while (this.#paths.length > 0) this.#forget(0);
  }

  #forget(at: number): void {
    const [path] = this.#paths.splice(at, 1);
    if (path !== undefined) this.#onForgotten(path);
  }
}

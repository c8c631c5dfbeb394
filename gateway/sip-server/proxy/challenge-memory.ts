import type { Clock, Timer } from '../../kernel/clock.js';
import { getHeaders, type HeaderHolder } from '../message/headers.js';

/** A caller answers a challenge at once or not at all. */
const MEMORY_MS = 2_000;
const MAX_CHALLENGES = 1_000;
const NONCE = /\bnonce="([^"]{1,256})"/i;

/** Which target sent a challenge, so that the answer goes to the target that can check it. */
export class ChallengeMemory {
  readonly #clock: Clock;
  readonly #targets = new Map<string, { target: string; expiry: Timer }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  remember(response: HeaderHolder, target: string): void {
    for (const nonce of noncesOf(response, ['WWW-Authenticate', 'Proxy-Authenticate'])) {
      if (this.#targets.size >= MAX_CHALLENGES) return;
      this.#targets.get(nonce)?.expiry.cancel();
      const expiry = this.#clock.setTimer(() => this.#targets.delete(nonce), MEMORY_MS);
      this.#targets.set(nonce, { target, expiry });
    }
  }

  /** The target whose challenge this request answers. */
  find(request: HeaderHolder): string | undefined {
    for (const nonce of noncesOf(request, ['Authorization', 'Proxy-Authorization'])) {
      const found = this.#targets.get(nonce);
      if (found !== undefined) return found.target;
    }
    return undefined;
  }

  close(): void {
    for (const { expiry } of this.#targets.values()) expiry.cancel();
    this.#targets.clear();
  }
}

function noncesOf(holder: HeaderHolder, names: readonly string[]): string[] {
  return names
    .flatMap((name) => getHeaders(holder, name))
    .flatMap((value) => NONCE.exec(value)?.[1] ?? []);
}

import type { Secret } from '../kernel/secret.js';
import type { ChallengeFailure } from './challenge-failure.js';
import { answerChallenge } from './digest-client.js';
import { parseChallenges } from './digest.js';

/** RFC 3261 sections 22.2 and 22.3. */
const NAMES: Partial<Record<number, { asks: string; answers: string }>> = {
  401: { asks: 'WWW-Authenticate', answers: 'Authorization' },
  407: { asks: 'Proxy-Authenticate', answers: 'Proxy-Authorization' },
};

/** A nonce that is stale three times in a row is no accident. */
const MAX_ANSWERS = 3;

export interface ChallengedResponse {
  status: number;
  /** Values of repeated headers joined with commas. */
  header(name: string): string | undefined;
}

/**
 * Answers the digest challenges to one request of ours and to its repetitions: of the server and of proxies, a second time
 * only when the nonce was stale (RFC 7616 section 3.3), so that wrong credentials end at once.
 */
export class ChallengeAnswers {
  readonly #credentials: { username: string; password: Secret } | undefined;
  readonly #headers: Record<string, string> = {};
  readonly #nonces = new Set<string>();
  #failure: ChallengeFailure | undefined;

  constructor(credentials: { username: string; password: Secret } | undefined) {
    this.#credentials = credentials;
  }

  /** Set once a challenge could not be answered. */
  get failure(): ChallengeFailure | undefined {
    return this.#failure;
  }

  /** The headers of the next try; undefined when the response is no challenge, or the last word. */
  next(
    response: ChallengedResponse,
    request: { method: string; uri: string },
  ): Record<string, string> | undefined {
    const names = NAMES[response.status];
    if (names === undefined) return undefined;
    if (this.#credentials === undefined) return this.#failed('no-credentials');
    const challenge = response.header(names.asks) ?? '';
    const [chosen] = parseChallenges(challenge);
    if (chosen === undefined) return this.#failed('not-understood');
    const again = names.answers in this.#headers;
    const used = this.#nonces.size >= MAX_ANSWERS || this.#nonces.has(chosen.nonce);
    if ((again && !chosen.stale) || used) return this.#failed('wrong');
    this.#nonces.add(chosen.nonce);
    const credentials = this.#credentials;
    const value = answerChallenge({ ...request, challenge, credentials });
    if (value === undefined) return this.#failed('not-understood');
    this.#headers[names.answers] = value;
    return { ...this.#headers };
  }

  #failed(why: ChallengeFailure): Record<string, string> | undefined {
    this.#failure = why;
    return undefined;
  }
}

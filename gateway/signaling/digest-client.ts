import { randomBytes } from 'node:crypto';
import type { Secret } from '../kernel/secret.js';
import { digestResponse, formatCredentials, parseChallenges } from './digest.js';

/** RFC 3261 sections 22.2 and 22.3. */
export const CHALLENGE_HEADERS: Partial<Record<number, { asks: string; answers: string }>> = {
  401: { asks: 'WWW-Authenticate', answers: 'Authorization' },
  407: { asks: 'Proxy-Authenticate', answers: 'Proxy-Authorization' },
};

export interface ChallengedRequest {
  /** The value of WWW-Authenticate or Proxy-Authenticate, with all challenges. */
  challenge: string;
  method: string;
  /** The request-URI. */
  uri: string;
  credentials: { username: string; password: Secret };
}

/**
 * The Authorization value that answers a challenge, once (nonce-count 1). RFC 8760 section 2.4: the topmost challenge that we
 * can answer is taken. Undefined when there is none.
 */
export function answerChallenge(request: ChallengedRequest): string | undefined {
  const [challenge] = parseChallenges(request.challenge);
  if (challenge === undefined) return undefined;
  const { realm, nonce, algorithm, opaque } = challenge;
  const { username, password } = request.credentials;
  const common = { username, realm, nonce, algorithm, uri: request.uri };
  const cnonce = randomBytes(12).toString('hex');
  const nc = '00000001';
  const qop = challenge.qop === undefined ? undefined : { value: challenge.qop, nc, cnonce };
  const response = digestResponse({
    ...common,
    ...{ method: request.method, password: password.reveal(), qop },
  });
  return formatCredentials({
    ...common,
    response,
    ...{ qop: qop?.value, cnonce: qop?.cnonce, nc: qop?.nc },
    ...(opaque === undefined ? {} : { opaque }),
  });
}

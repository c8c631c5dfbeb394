import { solve } from './proof-of-work.js';
import type { VisitFailure, VisitOptions } from './visit-types.js';

/** What the gateway gives for one call. */
export interface CallGrant {
  token: string;
  sipPath: string;
  domain: string;
  user: string;
  destination: string;
  iceServers: RTCIceServer[];
}

/** The gateway said no, or nothing. */
export class GrantError extends Error {
  readonly failure: VisitFailure;
  readonly code: string | undefined;

  constructor(failure: VisitFailure, code?: string) {
    super(failure);
    this.name = 'GrantError';
    this.failure = failure;
    this.code = code;
  }
}

const FAILURES: Readonly<Record<string, VisitFailure>> = {
  CL_WIDGET_CLOSED: 'closed',
  CL_WIDGET_QUOTA: 'all-busy',
  CL_WIDGET_RATE: 'all-busy',
  CL_WIDGET_CHALLENGE_SERVICE: 'unreachable',
};

/**
 * Solves the site's challenge and fetches the token of one call.
 * @throws GrantError, and what the signal was aborted with
 */
export async function fetchGrant(options: VisitOptions, signal: AbortSignal): Promise<CallGrant> {
  const { destination } = options;
  const proof = await proofFor(options, signal);
  return (await post({ ...options, signal }, 'token', { destination, ...proof })) as CallGrant;
}

async function proofFor(options: VisitOptions, signal: AbortSignal): Promise<object> {
  if (options.challenge === 'none') return {};
  if (options.challenge === 'turnstile-like')
    return { response: (await options.challengeResponse?.()) ?? '' };
  const { challenge, bits } = (await post({ ...options, signal }, 'challenge', {})) as {
    challenge: string;
    bits: number;
  };
  return { challenge, solution: await solve(challenge, bits, signal) };
}

async function post(
  { gateway, site, signal }: VisitOptions & { signal: AbortSignal },
  what: 'challenge' | 'token',
  body: object,
): Promise<unknown> {
  const url = new URL(`api/widget/sites/${encodeURIComponent(site)}/${what}`, gateway);
  const init = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    credentials: 'omit',
    signal,
  } as const;
  const response = await fetch(url, init).catch(() => {
    signal.throwIfAborted();
    throw new GrantError('unreachable');
  });
  const answer = (await response.json().catch(() => ({}))) as { code?: string };
  if (response.ok) return answer;
  throw new GrantError(FAILURES[answer.code ?? ''] ?? 'failed', answer.code);
}

import type { Secret } from '../kernel/secret.js';
import type { ChallengeFailure } from './challenge-failure.js';

/** A request outside dialogs that we send, INVITE apart. */
export interface ClientRequest {
  method: 'REGISTER' | 'OPTIONS';
  /** The request-URI. */
  uri: string;
  /** Where it goes when not to the request-URI, as a SIP URI. */
  nextHop?: string | undefined;
  /**
   * From, To, Call-ID and CSeq are filled in when they are missing; `@localhost` in Contact becomes the SIP server's own
   * address. A challenge raises the CSeq.
   */
  headers: Readonly<Record<string, string>>;
  /** For 401 and 407. */
  credentials?: { username: string; password: Secret } | undefined;
  /** Gives up waiting; the SIP server forgets the request by itself. */
  signal: AbortSignal;
}

export interface ClientResponse {
  status: number;
  reason: string;
  /** True when no peer sent it: our SIP server found no way (503) or got no response (408). */
  local: boolean;
  /** CSeq number of the request that it answers. */
  sequence: number;
  challenge?: ChallengeFailure | undefined;
  header(name: string): string | undefined;
}

/** Sends requests outside dialogs. */
export interface SipClient {
  /**
   * Resolves with the final response, after digest challenges were answered.
   * @throws CopperlineError CL_SIP_SERVER_UNREACHABLE; the signal's reason when it aborts first
   */
  send(request: ClientRequest): Promise<ClientResponse>;
}

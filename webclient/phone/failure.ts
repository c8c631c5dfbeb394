import { FAILURE_SENTENCES, type FailureKind } from './failure-sentences.js';
import { bestReason } from './reason-header.js';

export interface Failure {
  kind: FailureKind;
  /** One plain sentence to show: the server's own when it sent one, else the fallback for `kind`. */
  sentence: string;
  /** True when the sentence is the server's own. */
  fromServer: boolean;
  /** SIP status behind it, when there was one. */
  status?: number;
}

/** Carries a Failure through code that throws. */
export class PhoneError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, cause?: unknown) {
    super(failure.sentence, cause === undefined ? undefined : { cause });
    this.name = 'PhoneError';
    this.failure = failure;
  }
}

export function failureOf(kind: FailureKind): Failure {
  return { kind, sentence: FAILURE_SENTENCES[kind], fromServer: false };
}

/**
 * What a SIP failure means to the caller. The gateway puts its sentence into the text of a Reason header
 * (RFC 3326), and that sentence, which names the deciding fact, wins over ours.
 */
export function failureFromResponse(status: number, reasonHeaders: readonly string[]): Failure {
  const kind = failureKindForStatus(status);
  const text = bestReason(reasonHeaders)?.text;
  return {
    kind,
    sentence: text ?? FAILURE_SENTENCES[kind],
    fromServer: text !== undefined,
    status,
  };
}

const KIND_BY_STATUS: Readonly<Record<number, FailureKind>> = {
  401: 'wrong-credentials',
  403: 'forbidden',
  404: 'not-found',
  407: 'wrong-credentials',
  408: 'no-answer',
  410: 'not-found',
  415: 'no-common-codec',
  416: 'bad-number',
  429: 'too-many-calls',
  480: 'unavailable',
  484: 'bad-number',
  485: 'bad-number',
  486: 'busy',
  487: 'no-answer',
  488: 'no-common-codec',
  500: 'server-error',
  502: 'service-unavailable',
  503: 'service-unavailable',
  504: 'service-unavailable',
  600: 'busy',
  603: 'declined',
  604: 'not-found',
  606: 'no-common-codec',
  607: 'declined',
  608: 'declined',
};

/** RFC 3261 section 21; a status that is not listed counts as the x00 of its class (section 8.1.3.2). */
export function failureKindForStatus(status: number): FailureKind {
  const exact = KIND_BY_STATUS[status];
  if (exact !== undefined) return exact;
  if (status >= 500 && status < 600) return 'server-error';
  if (status >= 600) return 'declined';
  return 'rejected';
}

const KIND_BY_DOM_EXCEPTION: Readonly<Record<string, FailureKind>> = {
  NotAllowedError: 'microphone-denied',
  SecurityError: 'microphone-denied',
  NotFoundError: 'microphone-missing',
  OverconstrainedError: 'microphone-missing',
  NotReadableError: 'microphone-busy',
  AbortError: 'microphone-busy',
};

/** Why getUserMedia refused (W3C Media Capture and Streams, section 10.2). */
export function failureFromMicrophone(thrown: unknown): Failure {
  const name = thrown instanceof Error || thrown instanceof DOMException ? thrown.name : '';
  return failureOf(KIND_BY_DOM_EXCEPTION[name] ?? 'media-failed');
}

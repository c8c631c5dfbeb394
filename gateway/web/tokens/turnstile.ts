import { CopperlineError } from '../../kernel/errors.js';
import type { Secret } from '../../kernel/secret.js';

const TIMEOUT_MS = 5_000;
/** Far above any answer. */
const MAX_ANSWER = 65_536;

/**
 * Asks a challenge service whether the answer that a page brings is good: a POST of `secret`, `response` and `remoteip` as a form, and
 * JSON with `success`, as Turnstile, hCaptcha and reCAPTCHA take and give them.
 * @throws CopperlineError CL_WIDGET_CHALLENGE_SERVICE
 */
export async function verifyTurnstile(
  service: { verifyUrl: string; secret: Secret },
  response: string,
  remoteip: string,
): Promise<boolean> {
  const { verifyUrl, secret } = service;
  try {
    const answer = await fetch(verifyUrl, {
      method: 'POST',
      body: new URLSearchParams({ secret: secret.reveal(), response, remoteip }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await answer.text();
    if (!answer.ok || text.length > MAX_ANSWER) throw new Error(`HTTP ${answer.status}`);
    const verdict: unknown = JSON.parse(text);
    return typeof verdict === 'object' && verdict !== null && 'success' in verdict
      ? verdict.success === true
      : false;
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown';
    throw new CopperlineError('CL_WIDGET_CHALLENGE_SERVICE', {
      sentence: `The challenge service at ${new URL(verifyUrl).host} cannot be asked: ${why}.`,
      cause: error,
    });
  }
}

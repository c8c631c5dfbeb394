import type { Clock } from '../../kernel/clock.js';
import type { HandlerQuestion } from './handler-question.js';

/** A caller waits meanwhile. */
const TOTAL_MS = 3_000;
/** An answer is one small object. */
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Asks a request handler over HTTP. Redirections are not followed: they would lead where nobody configured.
 * @throws Error (as a rejection): no answer in time, another status than 2xx, or an answer that is too long
 */
export async function askOverHttp(
  question: HandlerQuestion,
  clock: Clock,
  signal: AbortSignal,
): Promise<string> {
  const patience = new AbortController();
  const timer = clock.setTimer(() => {
    patience.abort(new Error(`The request handler gave no answer within ${TOTAL_MS} ms.`));
  }, TOTAL_MS);
  try {
    const response = await fetch(question.url, {
      ...question.init,
      redirect: 'manual',
      signal: AbortSignal.any([patience.signal, signal]),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`The request handler answered ${response.status}.`);
    }
    return await textOf(response);
  } finally {
    timer.cancel();
  }
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
    const chunk = part.value as Uint8Array;
    bytes += chunk.length;
    chunks.push(chunk);
    if (bytes <= MAX_ANSWER_BYTES) continue;
    await reader?.cancel();
    throw new Error('The answer of the request handler is too long.');
  }
  return Buffer.concat(chunks).toString('utf8');
}

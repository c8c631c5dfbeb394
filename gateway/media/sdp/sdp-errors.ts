import type { ErrorCode } from '../../kernel/error-catalogue.js';
import { CopperlineError } from '../../kernel/errors.js';

const MAX_QUOTE = 80;

/** A refusal of an SDP. The sentence names the line; foreign text in it is cut and cleaned. */
export function sdpError(
  code: ErrorCode & `CL_MEDIA_${string}`,
  sentence: string,
): CopperlineError {
  return new CopperlineError(code, { sentence });
}

/** Text of a peer inside a sentence: one line, printable ASCII, short, and without the keys of SRTP. */
export function quoted(text: string): string {
  const clean = text.replace(/[^\x20-\x7e]/g, '?').replace(/inline:.*/, 'inline:***');
  return `"${clean.length > MAX_QUOTE ? `${clean.slice(0, MAX_QUOTE)}...` : clean}"`;
}

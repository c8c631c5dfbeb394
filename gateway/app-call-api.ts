import type { Calls } from './calls/calls.js';
import type { CopperlineConfig } from './config/schema.js';
import type { CallApi } from './web/web-options.js';

/** The HTTP API for applications; undefined without a token. The calls may come later than the page, which they need. */
export function callApiOf(
  { api }: CopperlineConfig['web'],
  calls: () => Calls | undefined,
): CallApi | undefined {
  if (api === undefined) return undefined;
  return {
    token: api.token,
    sendDigits: (callId, text) => calls()?.sendDigits(callId, text) ?? 'unknown',
  };
}

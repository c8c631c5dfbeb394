import { formatReason } from './sip-text.js';
import type { Refusal } from './refusal.js';
import type { SipReply } from './sip-request.js';

/** Carries the stable code of a refusal to a page, beside the sentence in Reason. */
const CODE_HEADER = 'X-Copperline-Code';

export function refusalReply(refusal: Refusal): SipReply {
  return {
    status: refusal.status,
    headers: {
      ...refusal.headers,
      Reason: formatReason(refusal.status, refusal.sentence),
      [CODE_HEADER]: refusal.code,
    },
  };
}

/** `headers` as drachtio-srf takes them: one text per name, further lines of a list written into it. */
export function flattenHeaders(headers: SipReply['headers']): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    flat[name] = typeof value === 'string' ? value : value.join(`\r\n${name}: `);
  }
  return flat;
}

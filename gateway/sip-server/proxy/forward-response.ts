import { canonicalName, splitList } from '../message/headers.js';
import type { SipHeader, SipResponse } from '../message/sip-message.js';

/** The response with our Via, its topmost, removed; undefined when it has no other: it was never forwarded. */
export function withoutTopVia(response: SipResponse): SipResponse | undefined {
  const index = response.headers.findIndex(({ name }) => canonicalName(name) === 'via');
  const row = response.headers[index];
  if (row === undefined) return undefined;
  const rest = splitList(row.value).slice(1);
  const headers: SipHeader[] = [...response.headers];
  if (rest.length > 0) headers[index] = { name: row.name, value: rest.join(', ') };
  else headers.splice(index, 1);
  if (!headers.some(({ name }) => canonicalName(name) === 'via')) return undefined;
  return { ...response, headers };
}

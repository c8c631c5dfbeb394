import { canonicalName } from '../message/headers.js';
import type { SipHeader } from '../message/sip-message.js';
import { replaceLocalhost, type LocalName } from './local-name.js';

/** What only the server writes, whatever an application supplies. */
const SERVER_OWNED: ReadonlySet<string> = new Set([
  'via',
  'route',
  'record-route',
  'rseq',
  'content-length',
]);

/** An application's header by its canonical name; undefined when it gave none (or an empty one). */
export function draftHeader(headers: readonly SipHeader[], name: string): string | undefined {
  const found = headers.find((header) => canonicalName(header.name) === name);
  return found?.value === '' ? undefined : found?.value;
}

/**
 * The application's headers that go out as they are, in their order: without those that the server owns and
 * without `handled`, which the caller has written itself.
 */
export function passedHeaders(
  headers: readonly SipHeader[],
  name: LocalName,
  handled: ReadonlySet<string>,
): SipHeader[] {
  return headers.flatMap((header) => {
    const canonical = canonicalName(header.name);
    if (SERVER_OWNED.has(canonical) || handled.has(canonical)) return [];
    return [{ name: spelled(header.name), value: replaceLocalhost(canonical, header.value, name) }];
  });
}

const SPECIAL: Readonly<Record<string, string>> = {
  'call-id': 'Call-ID',
  cseq: 'CSeq',
  rack: 'RAck',
  rseq: 'RSeq',
  'www-authenticate': 'WWW-Authenticate',
  'mime-version': 'MIME-Version',
  'min-se': 'Min-SE',
  'sip-etag': 'SIP-ETag',
  'sip-if-match': 'SIP-If-Match',
};

/**
 * Clients of the protocol write names in lower case; some peers are known to mind. Names with any capital are
 * kept as the application spelled them.
 */
function spelled(name: string): string {
  if (name !== name.toLowerCase() || name.startsWith('x-')) return name;
  return (
    SPECIAL[name] ??
    name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase())
  );
}

/** The Content-Type of a body: the application's, else what `v=0` shows to be SDP; undefined when unknown. */
export function contentTypeOf(headers: readonly SipHeader[], body: Buffer): string | undefined {
  const given = draftHeader(headers, 'content-type');
  if (given !== undefined || body.length === 0) return given;
  return body.subarray(0, 3).toString('latin1') === 'v=0' ? 'application/sdp' : undefined;
}

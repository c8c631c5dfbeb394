import { parseCSeq } from './cseq.js';
import { canonicalName, getHeader, hasHeader } from './headers.js';
import { parseNameAddr } from './name-addr.js';
import type { SipMessage } from './sip-message.js';
import { topVia } from './via.js';

/** What every message needs besides Via (RFC 3261 section 8.1.1); Max-Forwards may lack, as in RFC 2543. */
const REQUIRED = ['From', 'To', 'Call-ID', 'CSeq'] as const;

/** Headers that must stand once: two of them would let two elements read two different messages. */
const SINGLE: ReadonlySet<string> = new Set([
  'from',
  'to',
  'call-id',
  'cseq',
  'max-forwards',
  'content-length',
  'content-type',
]);

/**
 * Checks what the layers above rely on, and cuts the body to Content-Length (RFC 3261 section 18.3).
 * Returns the first defect as a sentence, undefined when there is none.
 */
export function validateSipMessage(message: SipMessage): string | undefined {
  const single = new Map<string, string>();
  const doubled = collectSingle(message, single);
  return (
    doubled ??
    missingHeader(message, single) ??
    addressDefect(single) ??
    cseqDefect(message, single.get('cseq') ?? '') ??
    viaDefect(message) ??
    maxForwardsDefect(single.get('max-forwards')) ??
    fitBody(message, single.get('content-length'))
  );
}

function collectSingle(message: SipMessage, single: Map<string, string>): string | undefined {
  for (const header of message.headers) {
    const name = canonicalName(header.name);
    if (!SINGLE.has(name)) continue;
    if (single.has(name)) return `The header ${header.name} stands twice.`;
    single.set(name, header.value);
  }
  return undefined;
}

function missingHeader(
  message: SipMessage,
  single: ReadonlyMap<string, string>,
): string | undefined {
  for (const name of REQUIRED)
    if (!single.has(name.toLowerCase())) return `The header ${name} is missing.`;
  return hasHeader(message, 'via') ? undefined : 'The header Via is missing.';
}

function addressDefect(single: ReadonlyMap<string, string>): string | undefined {
  if (parseNameAddr(single.get('from') ?? '') === undefined)
    return 'The header From is not an address.';
  if (parseNameAddr(single.get('to') ?? '') === undefined)
    return 'The header To is not an address.';
  return /^\S+$/.test(single.get('call-id') ?? '')
    ? undefined
    : 'The header Call-ID is empty or holds white space.';
}

function cseqDefect(message: SipMessage, value: string): string | undefined {
  const cseq = parseCSeq(value);
  if (cseq === undefined)
    return 'The header CSeq is not a number below 2147483648 followed by a method.';
  return message.kind === 'request' && cseq.method !== message.method
    ? `The CSeq method ${cseq.method.slice(0, 40)} differs from the request method ${message.method.slice(0, 40)}.`
    : undefined;
}

/** A `;` or `,` that nothing follows (quoted strings apart): the two halves of a Via that came apart. */
const EMPTY_VIA_PART = /[;,]\s*(?:[;,]|$)/;

function viaDefect(message: SipMessage): string | undefined {
  if (topVia(message) === undefined) return 'The topmost Via cannot be read.';
  const row = (getHeader(message, 'via') ?? '').replace(/"(?:[^"\\]|\\.)*"/g, '""');
  // RFC 4475 section 3.1.2.1.
  return EMPTY_VIA_PART.test(row) ? 'The topmost Via has a separator too many.' : undefined;
}

function maxForwardsDefect(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  // RFC 3261 section 20.22 gives 0 to 255; RFC 4475 section 3.1.1.1 shows leading zeros.
  return /^\d{1,10}$/.test(value) && Number(value) <= 255
    ? undefined
    : 'The header Max-Forwards is not a number up to 255.';
}

function fitBody(message: SipMessage, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (!/^\d{1,10}$/.test(value)) return 'The header Content-Length is not a number.';
  const length = Number(value);
  if (length > message.body.length)
    return `The Content-Length ${length} exceeds the ${message.body.length} bytes of the body.`;
  if (length < message.body.length) message.body = message.body.subarray(0, length);
  return undefined;
}

import { CopperlineError } from '../kernel/errors.js';
import type { SipRequest } from './sip-request.js';
import { parseNameAddress, parseParty, parseSipUri, splitOutsideQuotes } from './sip-text.js';

export interface RequestedContact {
  uri: string;
  /** Seconds asked for; undefined when the client leaves it to the registrar. */
  expiresS: number | undefined;
  instance: string | undefined;
}

/** What a REGISTER asks for, read once (RFC 3261 section 10.3). */
export interface RegisterRequest {
  aorUser: string;
  callId: string;
  cseq: number;
  userAgent: string | undefined;
  /** `all`: `Contact: *` with `Expires: 0`. An empty list asks for the present bindings. */
  contacts: 'all' | readonly RequestedContact[];
}

/** RFC 3261 section 20.19: at most 2^32-1; a malformed value counts as absent. */
function readSeconds(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,10}$/.test(text.trim())) return undefined;
  return Math.min(Number(text), 0xffff_ffff);
}

/** @throws CopperlineError CL_REGISTER_INVALID, CL_SIP_BAD_REQUEST */
export function readRegisterRequest(request: SipRequest): RegisterRequest {
  const to = parseParty(request.header('To'));
  const callId = request.header('Call-ID');
  const cseq = /^\s*(\d{1,10})\s/.exec(request.header('CSeq') ?? '')?.[1];
  if (to === undefined || callId === undefined || cseq === undefined) {
    throw new CopperlineError('CL_SIP_BAD_REQUEST', {
      sentence: 'The REGISTER lacks a readable To, Call-ID or CSeq header.',
    });
  }
  return {
    aorUser: to.user,
    callId,
    cseq: Number(cseq),
    userAgent: request.header('User-Agent'),
    contacts: readContacts(request.header('Contact'), readSeconds(request.header('Expires'))),
  };
}

function readContacts(
  header: string | undefined,
  expiresS: number | undefined,
): RegisterRequest['contacts'] {
  if (header === undefined || header.trim() === '') return [];
  const texts = splitOutsideQuotes(header, ',');
  if (texts.includes('*')) {
    // RFC 3261 section 10.3 step 6.
    if (texts.length === 1 && expiresS === 0) return 'all';
    throw new CopperlineError('CL_REGISTER_INVALID', {
      sentence: 'The Contact "*" is allowed only alone and with "Expires: 0".',
    });
  }
  return texts.map((text) => {
    const address = parseNameAddress(text);
    if (address === undefined || parseSipUri(address.uri) === undefined) {
      throw new CopperlineError('CL_REGISTER_INVALID', {
        sentence: 'The REGISTER holds a Contact that is no SIP address.',
      });
    }
    return {
      uri: address.uri,
      expiresS: readSeconds(address.params.get('expires')) ?? expiresS,
      instance: address.params.get('+sip.instance'),
    };
  });
}

import type { IncomingInvite, Party } from '../signaling/sip-endpoint.js';
import {
  escapeUser,
  parseNameAddress,
  parseSipUri,
  quote,
  splitOutsideQuotes,
} from '../signaling/sip-text.js';

/** What the carrier found out about the caller's number (STIR, ATIS-1000074 `verstat`). */
type Verification = 'passed' | 'failed' | 'none';

/** Who calls, as a called browser is told. */
export interface CallerIdentity {
  /** Number or user name; undefined when the caller withholds it. */
  user: string | undefined;
  displayName: string | undefined;
  verified: Verification;
}

const ANONYMOUS_HOST = 'anonymous.invalid';

/** RFC 3323 section 4.2 and RFC 3325 section 9.3. */
const PRIVATE = /(?:^|[;,\s])(?:id|user|header)(?:$|[;,\s])/i;

/**
 * The caller of an INVITE from a trunk; nothing when the caller asked for privacy. Of a trunk that is trusted, P-Asserted-Identity
 * (RFC 3325), since carriers set it from what they know, before From, which the caller's phone wrote. Any other may write what it likes
 * there, and into `verstat`.
 */
export function identityFromTrunk(
  invite: IncomingInvite,
  { trusted }: { trusted: boolean },
): CallerIdentity {
  const asserted = trusted ? invite.header('P-Asserted-Identity') : undefined;
  const verified = trusted
    ? (verificationIn(asserted) ?? verificationIn(invite.header('From')) ?? 'none')
    : 'none';
  const caller = assertedParty(asserted) ?? invite.from;
  const hidden =
    PRIVATE.test(invite.header('Privacy') ?? '') || [caller, invite.from].some(isAnonymous);
  if (hidden) return { user: undefined, displayName: undefined, verified };
  const { user, displayName = invite.from.displayName } = caller;
  return { user, displayName, verified };
}

function isAnonymous({ user, host }: Party): boolean {
  if (user === '' || user.toLowerCase() === 'anonymous') return true;
  return host.toLowerCase() === ANONYMOUS_HOST;
}

/** RFC 3325 section 9.1: one or two values, a sip: and a tel: URI of the same caller. */
function assertedParty(header: string | undefined): Party | undefined {
  for (const value of header === undefined ? [] : splitOutsideQuotes(header, ',')) {
    const address = parseNameAddress(value);
    const uri = address === undefined ? undefined : parseSipUri(address.uri);
    if (address !== undefined && uri !== undefined)
      return { user: uri.user, host: uri.host, displayName: address.displayName };
  }
  return undefined;
}

/** `verstat` stands inside the user part, behind the number, or among the parameters of a tel: URI. */
function verificationIn(header: string | undefined): Verification | undefined {
  const value = /;verstat=([\w-]{1,64})/i.exec(header ?? '')?.[1]?.toLowerCase();
  if (value === undefined) return undefined;
  if (value.startsWith('tn-validation-passed')) return 'passed';
  return value.startsWith('tn-validation-failed') ? 'failed' : 'none';
}

/** The From of the INVITE to a browser. */
export function fromOf(
  { user, displayName }: CallerIdentity,
  domain: string,
): { uri: string; displayName: string | undefined } {
  if (user === undefined) return { uri: `sip:anonymous@${ANONYMOUS_HOST}`, displayName: undefined };
  return { uri: `sip:${escapeUser(user)}@${domain}`, displayName };
}

/** What a page can read besides From: the identity as asserted by us, and what was verified about it. */
export function identityHeaders(identity: CallerIdentity, domain: string): Record<string, string> {
  const { user, displayName, verified } = identity;
  const headers = { 'X-Copperline-Verified': verified };
  if (user === undefined) return { ...headers, Privacy: 'id' };
  const name = displayName === undefined ? '' : `${quote(displayName)} `;
  return { ...headers, 'P-Asserted-Identity': `${name}<sip:${escapeUser(user)}@${domain}>` };
}

/** Whether the network vouches for the number of who calls (STIR), as the server tells it in `X-Copperline-Verified`. */
type Verification = 'passed' | 'failed' | 'none';

/** Who is at the other end. */
export interface RemoteParty {
  /** As dialled, or the caller's; empty when the caller withholds it. */
  number: string;
  displayName?: string;
  verified: Verification;
}

/** The part of a sip.js request that tells who calls. */
export interface CallerHeaders {
  from: { uri: { user?: string | undefined; host: string }; displayName: string };
  getHeader(name: string): string | undefined;
}

/** RFC 3323 section 4.1.1.3: whoever withholds the number calls as `anonymous@anonymous.invalid`. */
export function callerOf(request: CallerHeaders): RemoteParty {
  const { uri, displayName } = request.from;
  const user = uri.user ?? '';
  const hidden = user.toLowerCase() === 'anonymous' || uri.host === 'anonymous.invalid';
  const told = request.getHeader('X-Copperline-Verified')?.trim();
  const verified = told === 'passed' || told === 'failed' ? told : 'none';
  if (hidden) return { number: '', verified };
  const number = unescape(user);
  return displayName === '' ? { number, verified } : { number, displayName, verified };
}

function unescape(user: string): string {
  try {
    return decodeURIComponent(user);
  } catch {
    return user;
  }
}

/** The little that call control reads of SDP; what it means for the media is the engine's affair. */

/** Nothing but the o= line differs, whose version every new offer raises (RFC 3264 section 8): a session refresh. */
export function sameMedia(one: string, other: string): boolean {
  return withoutOrigin(one) === withoutOrigin(other);
}

function withoutOrigin(sdp: string): string {
  return sdp.replace(/^o=[^\r\n]*/m, '').trim();
}

/** The same SDP as a later one of its writer, which no engine takes for the offer that the call began with. */
export function raised(sdp: string): string {
  return sdp.replace(
    /^(o=\S+ \S+ )(\d+)/m,
    (_, origin: string, version: string) => `${origin}${BigInt(version) + 1n}`,
  );
}

/** The same SDP as an offer to somebody new: a hold was between the two of before. */
export function anew(sdp: string): string {
  return raised(sdp).replace(/^a=(?:sendonly|recvonly|inactive)(?=\s*$)/gm, 'a=sendrecv');
}

const DIRECTION = /^a=(sendrecv|sendonly|recvonly|inactive)\s*$/m;

/**
 * Does the writer of this SDP not listen (RFC 3264 section 8.4)? That is how a call is held. `c=0.0.0.0` is the hold of
 * RFC 2543, but in a browser's SDP only a formality (RFC 8829 section 5.2.1).
 */
export function holds(sdp: string, kind: 'browser' | 'trunk'): boolean {
  const at = sdp.search(/^m=audio /m);
  if (at === -1) return false;
  const session = sdp.slice(0, sdp.search(/^m=/m));
  const rest = sdp.slice(at + 1);
  const end = rest.search(/^m=/m);
  const audio = end === -1 ? rest : rest.slice(0, end);
  const direction = (DIRECTION.exec(audio) ?? DIRECTION.exec(session))?.[1];
  if (direction === 'sendonly' || direction === 'inactive') return true;
  const connection = /^c=.*$/m.exec(audio) ?? /^c=.*$/m.exec(session);
  return kind === 'trunk' && /\s0\.0\.0\.0\s*$/.test(connection?.[0] ?? '');
}

/** Who may speak, from the side of the peer that wrote the SDP (RFC 8866 section 6.7). */
type MediaDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** The direction of the first audio section: its own line, else the session's, else sendrecv. */
export function audioDirection(sdp: string): MediaDirection {
  const [session = '', ...sections] = sdp.split(/^m=/m);
  const audio = sections.find((section) => section.startsWith('audio')) ?? '';
  const inLines = (text: string): MediaDirection | undefined =>
    /^a=(sendrecv|sendonly|recvonly|inactive)\s*$/m.exec(text)?.[1] as MediaDirection | undefined;
  return inLines(audio) ?? inLines(session) ?? 'sendrecv';
}

/** True when the peer speaks no more because we put the call on hold: an offer of it keeps that. */
export function isHeldAtOurSide(sdp: string): boolean {
  const direction = audioDirection(sdp);
  return direction === 'recvonly' || direction === 'inactive';
}

/** True when the peer does not listen to us: it put the call on hold (RFC 3264 section 8.4), with music or in silence. */
export function isHeldBy(sdp: string): boolean {
  const direction = audioDirection(sdp);
  return direction === 'sendonly' || direction === 'inactive';
}

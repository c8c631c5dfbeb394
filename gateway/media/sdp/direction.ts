/** RFC 3264 section 5.1, from the point of view of whoever wrote the SDP. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

export function sends(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'sendonly';
}

export function receives(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'recvonly';
}

export function directionOf(flags: { sends: boolean; receives: boolean }): Direction {
  if (flags.sends) return flags.receives ? 'sendrecv' : 'sendonly';
  return flags.receives ? 'recvonly' : 'inactive';
}

/** The same streams seen from the other end. */
export function reversed(direction: Direction): Direction {
  return directionOf({ sends: receives(direction), receives: sends(direction) });
}

/** What an answer may say at most, given the offer (RFC 3264 section 6.1). */
export function limitedByOffer(answer: Direction, offer: Direction): Direction {
  const allowed = reversed(offer);
  return directionOf({
    sends: sends(answer) && sends(allowed),
    receives: receives(answer) && receives(allowed),
  });
}

/**
 * sdp-transform turns every text of digits into a number, whatever its types say: a mid, a ufrag, a list
 * of one payload type, and whatever a hostile peer writes where a word belongs.
 */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

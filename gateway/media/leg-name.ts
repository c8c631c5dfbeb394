/** The leg that sent the first offer of the call, and the leg that was called. */
export type LegName = 'caller' | 'callee';

export function otherLeg(leg: LegName): LegName {
  return leg === 'caller' ? 'callee' : 'caller';
}

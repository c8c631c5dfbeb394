import type { InboundTarget, RingGroup } from './inbound-numbers.js';

/** Users who are rung at once, all their devices together. */
export interface RingStage {
  users: readonly string[];
  ringMs: number;
}

/** In which order, and for how long, the users behind a target are rung. `random` gives numbers from 0 to below 1. */
export function stagesOf(
  target: Exclude<InboundTarget, { kind: 'refuse' }>,
  { ringMs, random }: { ringMs: number; random: () => number },
): RingStage[] {
  if (target.kind === 'user') return [{ users: [target.user], ringMs }];
  const { group } = target;
  if (group.strategy === 'simultaneous')
    return [{ users: group.members.map(({ user }) => user), ringMs }];
  const order = group.strategy === 'weighted' ? drawn(group.members, random) : group.members;
  return order.map(({ user }) => ({ users: [user], ringMs: group.memberRingMs }));
}

/** Everybody once; who has twice the weight of another comes first twice as often. */
function drawn(members: RingGroup['members'], random: () => number): RingGroup['members'] {
  const left = [...members];
  const order: { user: string; weight: number }[] = [];
  while (left.length > 0) {
    let point = random() * left.reduce((sum, { weight }) => sum + weight, 0);
    const index = left.findIndex(({ weight }) => (point -= weight) < 0);
    order.push(...left.splice(index === -1 ? left.length - 1 : index, 1));
  }
  return order;
}

import type { Plan, PlanCaller } from '../../dialplan/plan.js';
import type { CallContext } from './call-context.js';

/** Where what somebody dialled leads: to a user of ours, or to what the dialplan says. */
export type Destination = { kind: 'user'; user: string } | Plan;

/**
 * A user's name, extension or number, as dialled or as the dialplan reads it, is that user; anything else is the dialplan's. Nothing
 * comes before emergency numbers.
 */
export function destinationOf(
  { userBehind, dialplan }: Pick<CallContext, 'userBehind' | 'dialplan'>,
  { dialled, caller }: { dialled: string; caller: PlanCaller },
): Destination {
  const plan = dialplan.plan(dialled, caller);
  if (plan.kind === 'route' && plan.emergency === true) return plan;
  const user = userBehind(dialled) ?? (plan.kind === 'route' ? userBehind(plan.number) : undefined);
  return user === undefined ? plan : { kind: 'user', user };
}

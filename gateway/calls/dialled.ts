import type { PlanCaller } from '../../dialplan/plan.js';
import type { IncomingInvite } from '../signaling/sip-endpoint.js';

/** What a browser's INVITE asks the dialplan: of a visitor with a one-call token, what the gateway dials for the destination. */
export function dialledBy({ called, user = '', flow }: IncomingInvite): {
  dialled: string;
  caller: PlanCaller;
} {
  const pass = flow?.pass;
  if (pass === undefined) return { dialled: called.user, caller: { user } };
  return { dialled: pass.number, caller: { user: '', origin: 'widget', site: pass.site } };
}

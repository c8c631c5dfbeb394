import type { Plan } from '../../dialplan/plan.js';
import type { EndReason } from '../kernel/end-reason.js';
import type { TrunkCaller } from '../trunks/trunk.js';
import type { Call } from './call.js';
import type { CallContext } from './call-context.js';
import { runCall } from './call-steps.js';
import { dialTrunks } from './dial-trunks.js';
import { endCall } from './end-call.js';

/** A browser calls the phone network, from its admitted INVITE until the call is up. Never rejects. */
export function placeCall(call: Call, context: CallContext, plan: Plan): Promise<void> {
  return runCall(call, context, async (steps) => {
    call.rule = plan.rule;
    if (plan.kind === 'refuse') {
      endCall(call, refusedByPlan(plan));
      return undefined;
    }
    call.number = plan.number;
    const { routes, emergency } = plan;
    return dialTrunks(steps, { routes, emergency, caller: callerOf(call, context) });
  });
}

function callerOf({ invite }: Call, { findUser }: CallContext): TrunkCaller {
  const { pass } = invite.flow ?? {};
  const anonymous = wantsPrivacy(invite.header('Privacy'));
  if (pass !== undefined)
    return { user: pass.site, displayName: pass.displayName, callerId: pass.callerId, anonymous };
  const user = invite.user ?? '';
  const account = findUser(user);
  return { user, displayName: account?.displayName, callerId: account?.callerId, anonymous };
}

function refusedByPlan({ code, sipStatus, sentence }: Plan & { kind: 'refuse' }): EndReason {
  return { by: 'gateway', code, sipStatus, bucket: 'client', sentence };
}

/** RFC 3323 section 4.2 and RFC 3325 section 9.3: who hides the number says one of these. */
function wantsPrivacy(header: string | undefined): boolean {
  return (header ?? '')
    .toLowerCase()
    .split(';')
    .some((value) => ['id', 'user', 'header'].includes(value.trim()));
}

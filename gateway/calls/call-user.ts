import type { Call } from './call.js';
import type { CallContext } from './call-context.js';
import { runCall } from './call-steps.js';
import { fromOf, identityHeaders, type CallerIdentity } from './caller-identity.js';
import { ringUsers } from './ring-users.js';

/** A browser calls a user of ours, from its admitted INVITE until the call is up. Never rejects. */
export function callUser(call: Call, context: CallContext, user: string): Promise<void> {
  return runCall(call, context, (steps) => {
    const { domain, ringMs } = context;
    const identity = identityOf(call, context);
    call.from = identity;
    call.number = user;
    call.callee = { kind: 'browser', user, flow: undefined };
    const headers = { ...identityHeaders(identity, domain), 'X-Copperline-Call': call.id };
    const invite = { from: fromOf(identity, domain), headers };
    return ringUsers(steps, { stages: [{ users: [user], ringMs }], invite });
  });
}

/** A visitor of a site is nobody whom we know. */
function identityOf({ invite }: Call, { findUser }: CallContext): CallerIdentity {
  const pass = invite.flow?.pass;
  if (pass !== undefined)
    return { user: pass.callerId ?? pass.site, displayName: pass.displayName, verified: 'none' };
  const user = invite.user ?? '';
  return { user, displayName: findUser(user)?.displayName, verified: 'passed' };
}

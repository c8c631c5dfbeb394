import type { EndReason } from '../kernel/end-reason.js';
import type { DiversionReason, TrunkCaller } from '../trunks/trunk.js';
import { RETRY_AFTER_S } from './admission.js';
import type { Call } from './call.js';
import type { CallContext } from './call-context.js';
import type { CallParty } from './call-party.js';
import { runCall, type CallSteps } from './call-steps.js';
import { fromOf, identityFromTrunk, identityHeaders } from './caller-identity.js';
import type { Callout } from './callout.js';
import { dialTrunks } from './dial-trunks.js';
import { endCall } from './end-call.js';
import { fromCode } from './end-reasons.js';
import type { InboundRule, InboundTarget } from './inbound-numbers.js';
import { ringUsers } from './ring-users.js';
import { stagesOf } from './ring-stages.js';

type RingTarget = Exclude<InboundTarget, { kind: 'refuse' }>;

/**
 * The phone network calls one of our numbers, from its admitted INVITE until the call is up. Takes a channel of its trunk until the call is
 * over. Never rejects.
 */
export function receiveCall(call: Call, context: CallContext, trunk: string): Promise<void> {
  const channel = context.board.take(trunk);
  if (typeof channel === 'string') {
    endCall(call, fromCode('CL_TRUNK_FULL', channel), { retryAfterS: RETRY_AFTER_S });
    return Promise.resolve();
  }
  call.holdChannel('caller', channel);
  return runCall(call, context, async (steps) => {
    const called = call.invite.called.user;
    const match = context.inbound.find(called, trunk);
    if (match === undefined) {
      const sentence = `No rule of inbound.numbers is for the number ${called || '(none)'} on the trunk "${trunk}".`;
      endCall(call, fromCode('CL_CALL_UNKNOWN_NUMBER', sentence));
      return undefined;
    }
    const { rule, number } = match;
    call.number = number;
    call.rule = rule.name;
    const { target } = rule;
    if (target.kind === 'refuse') {
      endCall(call, fromCode('CL_CALL_NUMBER_REFUSED', target.sentence));
      return undefined;
    }
    const rung = await ring(steps, target);
    const { fallback } = rule;
    if (rung.kind !== 'refused' || fallback === undefined) return rung;
    return callFallback(steps, { rule, fallback, end: rung.end, user: ownerOf(target) });
  });
}

function ring(steps: CallSteps, target: RingTarget): Promise<Callout> {
  const { call, context } = steps;
  const { domain } = context;
  const identity = identityFromTrunk(call.invite, { trusted: isTrusted(call.caller) });
  call.from = identity;
  if (target.kind === 'user') call.owner = target.user;
  const invite = {
    from: fromOf(identity, domain),
    headers: {
      ...identityHeaders(identity, domain),
      'X-Copperline-Call': call.id,
      'X-Copperline-Called': call.number ?? '',
    },
  };
  return ringUsers(steps, { stages: stagesOf(target, context), invite });
}

function isTrusted(caller: CallParty): boolean {
  return caller.kind === 'trunk' && caller.trunk.inbound.trustIdentity === true;
}

/** Whose rights and whose number a call to the fallback goes out with. */
function ownerOf(target: RingTarget): string {
  return target.kind === 'user' ? target.user : (target.group.members[0]?.user ?? '');
}

/** RFC 5806 section 7. */
function diversionReason({ code }: EndReason): DiversionReason {
  if (code === 'BUSY') return 'user-busy';
  if (code === 'NO_ANSWER') return 'no-answer';
  return code === 'DECLINED' ? 'deflection' : 'unavailable';
}

interface Fallback {
  rule: InboundRule;
  fallback: string;
  /** Why nobody of ours took the call. */
  end: EndReason;
  user: string;
}

/** Back to the phone network. It carries the called number as its caller's: carriers take no foreign ones. */
async function callFallback(steps: CallSteps, given: Fallback): Promise<Callout> {
  const { call, context } = steps;
  const { fallback, end, user, rule } = given;
  const plan = context.dialplan.plan(fallback, { user });
  if (plan.kind === 'refuse') {
    call.log.warn({ rule: rule.name, sentence: plan.sentence }, 'the fallback number is refused');
    return { kind: 'refused', end };
  }
  call.log.info({ rule: rule.name, sentence: end.sentence }, 'calling the fallback number');
  const { from, number = '' } = call;
  const caller: TrunkCaller = {
    ...{ user, displayName: from?.displayName, callerId: number },
    divertedBy: { number, reason: diversionReason(end) },
  };
  return dialTrunks(steps, { routes: plan.routes, caller });
}

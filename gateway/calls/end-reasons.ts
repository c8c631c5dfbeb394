import type { EndReason, EndedBy } from '../kernel/end-reason.js';
import type { ErrorCode } from '../kernel/error-catalogue.js';
import { CopperlineError } from '../kernel/errors.js';
import type { LegName } from '../media/media-engine.js';
import type { DialogEnd } from '../signaling/sip-endpoint.js';
import { describeReason } from '../signaling/sip-text.js';
import type { Call } from './call.js';
import { describeParty, sideOf, type CallParty } from './call-party.js';

/** Where both legs are browsers, which of them hung up is told by their roles. */
function hungUp(call: Call, leg: LegName, reasonHeader: string | undefined): EndReason {
  const text = describeReason(reasonHeader);
  const why = text === undefined ? '' : ` (${text})`;
  const by = sideOn(call, leg);
  const internal = [call.caller, call.callee].every((party) => party?.kind === 'browser');
  const who = !internal ? by : leg === 'caller' ? 'calling browser' : 'called browser';
  return {
    by,
    code: 'NORMAL',
    sipStatus: 200,
    bucket: 'ok',
    sentence: `The ${who} hung up${why}.`,
  };
}

function sideOn(call: Call, leg: LegName): EndedBy {
  const party = call.partyOn(leg);
  return party === undefined ? 'gateway' : sideOf(party);
}

export function dialogEnded(call: Call, leg: LegName, end: DialogEnd): EndReason {
  if (end.kind === 'bye') return hungUp(call, leg, end.reasonHeader);
  return { ...fromCode('CL_CALL_LEG_LOST', end.sentence), by: sideOn(call, leg) };
}

/** @param by the caller's side */
function cancelled(by: EndedBy): EndReason {
  return {
    by,
    code: 'CANCELLED',
    sipStatus: 487,
    bucket: 'ok',
    sentence: 'The caller hung up before the call was answered.',
  };
}

/** Why the caller's INVITE can no longer be answered. */
export function whyCancelled({ invite, caller }: Call): EndReason {
  if (invite.flow?.closed.aborted === true) return browserLost(0);
  const reason: unknown = invite.cancelled.reason;
  const by = sideOf(caller);
  return reason instanceof CopperlineError ? fromError(reason, by) : cancelled(by);
}

export function browserLost(graceMs: number): EndReason {
  const wait = graceMs === 0 ? '' : ` and did not come back within ${graceMs / 1000} s`;
  const sentence = `The WebSocket of the browser was lost${wait}.`;
  return { ...fromCode('CL_CALL_BROWSER_LOST', sentence), by: 'browser' };
}

export function noAnswer(ringMs: number): EndReason {
  const sentence = `Nobody answered within ${ringMs / 1000} s.`;
  return { by: 'gateway', code: 'NO_ANSWER', sipStatus: 480, bucket: 'ok', sentence };
}

export function userBusy(user: string): EndReason {
  const sentence = `The user ${user} has as many calls as a user may have.`;
  return { by: 'gateway', code: 'BUSY', sipStatus: 486, bucket: 'ok', sentence };
}

export function notRegistered(user: string): EndReason {
  return fromCode('CL_CALL_NOT_REGISTERED', `No browser of ${user} is signed in.`);
}

export function maxDuration(maxDurationMs: number): EndReason {
  return {
    by: 'gateway',
    code: 'MAX_DURATION',
    sipStatus: 200,
    bucket: 'ok',
    sentence: `The call reached the longest duration allowed, ${maxDurationMs / 1000} s.`,
  };
}

/** The end of a party's part, or of the call that it gave away. */
export function transferred(to: CallParty): EndReason {
  return {
    by: 'gateway',
    code: 'TRANSFERRED',
    sipStatus: 200,
    bucket: 'ok',
    sentence: `The call was transferred to the ${describeParty(to)}.`,
  };
}

export function fromCode(code: ErrorCode, sentence: string): EndReason {
  return fromError(new CopperlineError(code, { sentence }));
}

/** @param caller whose hang-up a cancelled INVITE is */
export function fromError(error: CopperlineError, caller: EndedBy = 'browser'): EndReason {
  if (error.code === 'CL_SIP_CANCELLED') return cancelled(caller);
  const { code, sipStatus, bucket, sentence } = error;
  return { by: 'gateway', code, sipStatus, bucket, sentence };
}

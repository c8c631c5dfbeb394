import type { EndReason, EndedBy } from '../kernel/end-reason.js';
import type { ErrorCode } from '../kernel/error-catalogue.js';
import { CopperlineError } from '../kernel/errors.js';
import type { LegName } from '../media/media-engine.js';
import type { DialogEnd } from '../signaling/sip-endpoint.js';
import { describeReason } from '../signaling/sip-text.js';

/** Who speaks on a leg of a call that a browser places. */
const PARTY: Record<LegName, EndedBy> = { caller: 'browser', callee: 'carrier' };

function hungUp(leg: LegName, reasonHeader: string | undefined): EndReason {
  const text = describeReason(reasonHeader);
  const why = text === undefined ? '' : ` (${text})`;
  return {
    by: PARTY[leg],
    code: 'NORMAL',
    sipStatus: 200,
    bucket: 'ok',
    sentence: `The ${PARTY[leg]} hung up${why}.`,
  };
}

export function dialogEnded(leg: LegName, end: DialogEnd): EndReason {
  if (end.kind === 'bye') return hungUp(leg, end.reasonHeader);
  return { ...fromCode('CL_CALL_LEG_LOST', end.sentence), by: PARTY[leg] };
}

export function cancelled(): EndReason {
  return {
    by: 'browser',
    code: 'CANCELLED',
    sipStatus: 487,
    bucket: 'ok',
    sentence: 'The caller hung up before the call was answered.',
  };
}

export function browserLost(graceMs: number): EndReason {
  const wait = graceMs === 0 ? '' : ` and did not come back within ${graceMs / 1000} s`;
  const sentence = `The WebSocket of the browser was lost${wait}.`;
  return { ...fromCode('CL_CALL_BROWSER_LOST', sentence), by: 'browser' };
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

export function fromCode(code: ErrorCode, sentence: string): EndReason {
  return fromError(new CopperlineError(code, { sentence }));
}

export function fromError(error: CopperlineError): EndReason {
  if (error.code === 'CL_SIP_CANCELLED') return cancelled();
  const { code, sipStatus, bucket, sentence } = error;
  return { by: 'gateway', code, sipStatus, bucket, sentence };
}

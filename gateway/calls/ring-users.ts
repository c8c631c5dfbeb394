import type { EndReason } from '../kernel/end-reason.js';
import type { Callout } from './callout.js';
import type { BranchOptions } from './device-branch.js';
import { moreTelling } from './refusal-rank.js';
import { RingRun } from './ring-run.js';
import type { RingStage } from './ring-stages.js';
import type { RingSteps } from './ring-steps.js';

export interface RingRequest extends Pick<BranchOptions, 'invite'> {
  /** One after another, until somebody answers. */
  stages: readonly RingStage[];
}

/** Rings users; the first device that answers has the call. */
export async function ringUsers(steps: RingSteps, request: RingRequest): Promise<Callout> {
  let best: EndReason | undefined;
  for (const stage of request.stages) {
    if (steps.call.isOver) return { kind: 'cancelled' };
    const result = await new RingRun(steps, request, stage).run();
    if (result.kind !== 'refused') return result;
    best = moreTelling(best, result.end);
  }
  if (best === undefined) return { kind: 'cancelled' };
  return { kind: 'refused', end: best };
}

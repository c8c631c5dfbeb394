import type { PlannedRoute } from '../../dialplan/plan.js';
import { dial } from '../trunks/dial.js';
import type { TrunkCaller } from '../trunks/trunk.js';
import type { CallSteps } from './call-steps.js';
import type { Callout } from './callout.js';
import { answerTrunk, offersItself } from './delayed-offer.js';
import { hopsLeft } from './hops.js';

export interface TrunkTargets {
  routes: readonly PlannedRoute[];
  emergency?: boolean | undefined;
  /** Who calls, as far as carriers may know. */
  caller: TrunkCaller;
}

/** Calls over the routes one after another; all of them share one media session. */
export async function dialTrunks(steps: CallSteps, targets: TrunkTargets): Promise<Callout> {
  const { call, context } = steps;
  const { endpoint, trunks, board } = context;
  const maxForwards = hopsLeft(call.invite);
  const media = await steps.openMedia();
  if (media === undefined) return { kind: 'cancelled' };
  call.media = media;
  let offered = '';
  const result = await dial({
    ...{ endpoint, trunks, board, maxForwards, ...targets },
    ...{ signal: call.over.signal, clock: call.clock, log: call.log },
    offerFor: async (trunk) => {
      offered = await steps.offerFor(media, { kind: 'trunk', trunk });
      return offered;
    },
    answerFor: (trunk) => {
      if (!offersItself(call, trunk)) return undefined;
      const answerTo = answerTrunk(steps, media, trunk);
      return async (offer) => {
        offered = await answerTo(offer);
        return offered;
      };
    },
    onAttempt: (trunk) => {
      call.callee = { kind: 'trunk', trunk };
      steps.onInviting();
    },
    onRefused: (attempt) => {
      if (!call.isOver) call.attempts.push(attempt);
    },
    onProgress: (progress) => {
      steps.onProgress(progress, media);
    },
  });
  if (result.kind !== 'answered') return result;
  const { trunk, dialog, answer, channel } = result;
  call.holdChannel('callee', channel);
  return { kind: 'answered', party: { kind: 'trunk', trunk }, dialog, answer, media, offered };
}

import { CopperlineError, toCopperlineError } from '../kernel/errors.js';
import type { MediaSession } from '../media/media-engine.js';
import type { Trunk } from '../trunks/trunk.js';
import type { Call } from './call.js';
import type { CallContext } from './call-context.js';
import { describeParty, legPolicyOf } from './call-party.js';
import { endCall } from './end-call.js';
import { fromError } from './end-reasons.js';

/** Whether the trunk makes the offer of this call: it wants to, and the caller is a browser that has made one of its own. */
export function offersItself(call: Call, trunk: Trunk): boolean {
  return trunk.delayedOffer && call.invite.offer !== undefined && call.caller.kind === 'browser';
}

/**
 * Answers the offer of a trunk that was sent an INVITE without SDP, and with it that of the browser, which has waited: the trunk's goes to
 * the media engine as an offer to the browser, the browser's as the answer to it; then the browser is answered in the words of its
 * own offer. Ends the call when they cannot come together.
 * @returns the answer for the trunk
 */
export function answerTrunk(
  { call, context }: { call: Call; context: CallContext },
  media: MediaSession,
  trunk: Trunk,
): (offer: string) => Promise<string> {
  const party = { kind: 'trunk', trunk } as const;
  const policies = {
    from: legPolicyOf(party, context.browserLeg),
    to: legPolicyOf(call.caller, context.browserLeg),
  };
  return (offer) =>
    call.queue.run(async () => {
      const own = call.invite.offer ?? '';
      try {
        await media.offerTo('caller', offer, policies);
        const answer = await media.answerTo('callee', own);
        call.pledged = await media.renewWithOffer('caller', own);
        return answer;
      } catch (thrown) {
        const { sentence, code } = toCopperlineError(thrown, 'CL_INTERNAL');
        const error = new CopperlineError('CL_TRUNK_BAD_SDP', {
          sentence: `The offer of the ${describeParty(party)} cannot be used. ${sentence}`,
          cause: thrown,
        });
        call.log.debug({ code }, 'the offer of a trunk cannot be answered');
        endCall(call, fromError(error));
        throw error;
      }
    });
}

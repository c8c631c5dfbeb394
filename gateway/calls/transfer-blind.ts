import { CopperlineError } from '../kernel/errors.js';
import { otherLeg, type LegName, type Sound } from '../media/media-engine.js';
import type { IncomingRefer } from '../signaling/incoming-refer.js';
import { legPolicyOf, toneCountryOf } from './call-party.js';
import { offeredPatiently } from './glare.js';
import { raised } from './sdp-view.js';
import type { Bridged, Joined, TransferSteps } from './transfer-steps.js';
import { targetOf, type Found } from './transfer-target.js';

type Answered = Found & { kind: 'answered' };

/**
 * Calls whom a REFER names, while the remaining party hears ringback, and bridges the two.
 * @throws CopperlineError why nobody could be reached, or the remaining party did not come along
 * @returns undefined when the call ended meanwhile
 */
export async function callTarget(
  steps: TransferSteps,
  leg: LegName,
  refer: IncomingRefer,
): Promise<Joined | undefined> {
  const { call } = steps;
  const target = targetOf(steps, leg, refer);
  // A transfer does not fail for want of a tone.
  await call.media?.play(otherLeg(leg), ringbackFor(steps, otherLeg(leg))).catch(() => undefined);
  const found = await target.call();
  if (found.kind === 'cancelled') return undefined;
  if (found.kind === 'refused') {
    const { sentence, sipStatus } = found.end;
    throw new CopperlineError('CL_CALL_TRANSFER', { sentence, sipStatus });
  }
  const { party, dialog, media, channel } = found;
  const abandon = (): void => {
    channel();
    call.inBackground(media.close());
    call.inBackground(dialog.bye(call.end ?? NOT_ALONG));
  };
  try {
    const bridged = await bridgeInTurn(steps, leg, found);
    return { ...bridged, party, dialog, media, to: target.name, finish: () => channel, abandon };
  } catch (error) {
    abandon();
    throw error;
  }
}

const NOT_ALONG = { sipStatus: 480, sentence: 'The other party did not come along.' };

function ringbackFor({ call, context }: TransferSteps, leg: LegName): Sound {
  const country = toneCountryOf(call.partyOn(leg), context.toneCountry);
  return { kind: 'tone', tone: 'ringback', country };
}

function bridgeInTurn(steps: TransferSteps, leg: LegName, answered: Answered): Promise<Bridged> {
  const { call, context } = steps;
  const dialog = call.dialogs[otherLeg(leg)];
  const attempt = (): Promise<Bridged> => bridge(steps, leg, answered);
  if (dialog === undefined) return attempt();
  return offeredPatiently({ call, dialog, random: context.random }, attempt);
}

/** The new party has answered: the remaining one gets its media by a re-INVITE. */
function bridge(
  { call, context: { browserLeg } }: TransferSteps,
  leg: LegName,
  { party, answer, offered, media }: Answered,
): Promise<Bridged> {
  const other = otherLeg(leg);
  return call.queue.run(async () => {
    const dialog = call.dialogs[other];
    const remaining = call.partyOn(other);
    if (dialog === undefined || remaining === undefined) {
      throw new CopperlineError('CL_CALL_TRANSFER', { sentence: 'The other party is gone.' });
    }
    const local = asOffer(await media.answerTo(other, answer));
    const remote = await dialog.reoffer(local);
    // What the remaining party says now may be another port than the one that the new party was called with.
    const from = legPolicyOf(remaining, browserLeg);
    const to = legPolicyOf(party, browserLeg);
    await media.offerTo(leg, raised(remote), { from, to });
    await media.answerTo(other, answer);
    return {
      sdp: { local: offered, remote: answer, peerAnswered: true },
      remaining: { local, remote, peerAnswered: true },
    };
  });
}

/** RFC 8842 section 5.2: an offer leaves the DTLS roles open. */
function asOffer(answer: string): string {
  return answer.replace(/^a=setup:(?:active|passive)/gm, 'a=setup:actpass');
}

import { CopperlineError } from '../kernel/errors.js';
import { otherLeg, type LegName, type MediaSession, type Sound } from '../media/media-engine.js';
import type { IncomingRefer } from '../signaling/incoming-refer.js';
import { dial, type DialResult } from '../trunks/dial.js';
import { legPolicyOf, toneCountryOf } from './call-party.js';
import { offeredPatiently } from './glare.js';
import { raised } from './sdp-view.js';
import type { Joined, TransferSteps } from './transfer-steps.js';

type DialAnswered = DialResult & { kind: 'answered' };

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
  const plan = planTarget(steps, refer.target.user);
  const media = await steps.openMedia();
  if (media === undefined) return undefined;
  try {
    // A transfer does not fail for want of a tone.
    await call.media?.play(otherLeg(leg), ringbackFor(steps, otherLeg(leg))).catch(() => undefined);
    const answered = await ring(steps, leg, { refer, media, routes: plan.routes });
    if (answered === undefined) {
      call.inBackground(media.close());
      return undefined;
    }
    const joined = await bridgeInTurn(steps, leg, { ...answered, media }).catch(
      async (error: unknown) => {
        await answered.result.dialog.bye({
          sipStatus: 480,
          sentence: 'The other party did not come along.',
        });
        throw error;
      },
    );
    return { ...joined, to: plan.number };
  } catch (error) {
    call.inBackground(media.close());
    throw error;
  }
}

function ringbackFor({ call, context }: TransferSteps, leg: LegName): Sound {
  const country = toneCountryOf(call.partyOn(leg), context.toneCountry);
  return { kind: 'tone', tone: 'ringback', country };
}

function planTarget(
  { call, context }: TransferSteps,
  dialled: string,
): { number: string; routes: Parameters<typeof dial>[0]['routes'] } {
  const user = call.view().user ?? '';
  if (context.userBehind(dialled) !== undefined) {
    const sentence = `To pass a call to the user ${dialled}, call them first and join the two calls.`;
    throw new CopperlineError('CL_CALL_TRANSFER', { sentence });
  }
  const plan = context.dialplan.plan(dialled, { user });
  if (plan.kind === 'route') return plan;
  const { code, sipStatus, sentence } = plan;
  throw new CopperlineError('CL_CALL_TRANSFER', { sentence: `${sentence} (${code})`, sipStatus });
}

interface Ringing {
  refer: IncomingRefer;
  media: MediaSession;
  routes: Parameters<typeof dial>[0]['routes'];
}

async function ring(
  { call, context }: TransferSteps,
  leg: LegName,
  { refer, media, routes }: Ringing,
): Promise<{ result: DialAnswered; offered: string } | undefined> {
  const { endpoint, trunks, board, browserLeg, findUser } = context;
  const remaining = call.partyOn(otherLeg(leg));
  const sdp = call.sdp[otherLeg(leg)];
  if (remaining === undefined || sdp === undefined) return undefined;
  const user = call.view().user ?? '';
  const account = findUser(user);
  const from = legPolicyOf(remaining, browserLeg);
  let offered = '';
  const result = await dial({
    ...{ endpoint, trunks, board, routes },
    ...{ signal: call.over.signal, clock: call.clock, log: call.log },
    caller: { user, displayName: account?.displayName, callerId: account?.callerId },
    offerFor: async (trunk) => {
      const to = legPolicyOf({ kind: 'trunk', trunk }, browserLeg);
      offered = await media.offerTo(leg, raised(sdp.remote), { from, to });
      return offered;
    },
    onAttempt: () => undefined,
    onRefused: (attempt) => {
      if (!call.isOver) call.attempts.push(attempt);
    },
    onProgress: ({ status }) => {
      void refer.report(status, 'Ringing');
    },
  });
  if (result.kind === 'cancelled') return undefined;
  if (result.kind === 'answered') return { result, offered };
  const { sentence, sipStatus } = result.end;
  throw new CopperlineError('CL_CALL_TRANSFER', { sentence, sipStatus });
}

function bridgeInTurn(
  steps: TransferSteps,
  leg: LegName,
  answered: Parameters<typeof bridge>[2],
): Promise<Omit<Joined, 'to'>> {
  const { call, context } = steps;
  const dialog = call.dialogs[otherLeg(leg)];
  const attempt = (): Promise<Omit<Joined, 'to'>> => bridge(steps, leg, answered);
  if (dialog === undefined) return attempt();
  return offeredPatiently({ call, dialog, random: context.random }, attempt);
}

/** The new party has answered: the remaining one gets its media by a re-INVITE. */
function bridge(
  { call, context }: TransferSteps,
  leg: LegName,
  { result, offered, media }: { result: DialAnswered; offered: string; media: MediaSession },
): Promise<Omit<Joined, 'to'>> {
  const other = otherLeg(leg);
  return call.queue.run(async () => {
    const dialog = call.dialogs[other];
    const remaining = call.partyOn(other);
    if (dialog === undefined || remaining === undefined) {
      throw new CopperlineError('CL_CALL_TRANSFER', { sentence: 'The other party is gone.' });
    }
    const party = { kind: 'trunk', trunk: result.trunk } as const;
    const local = asOffer(await media.answerTo(other, result.answer));
    const remote = await dialog.reoffer(local);
    // What the remaining party says now may be another port than the one that the new party was called with.
    const { browserLeg } = context;
    const policies = {
      from: legPolicyOf(remaining, browserLeg),
      to: legPolicyOf(party, browserLeg),
    };
    await media.offerTo(leg, raised(remote), policies);
    await media.answerTo(other, result.answer);
    return {
      ...{ party, media, dialog: result.dialog, finish: () => undefined },
      sdp: { local: offered, remote: result.answer, peerAnswered: true },
      remaining: { local, remote, peerAnswered: true },
    };
  });
}

/** RFC 8842 section 5.2: an offer leaves the DTLS roles open. */
function asOffer(answer: string): string {
  return answer.replace(/^a=setup:(?:active|passive)/gm, 'a=setup:actpass');
}

import { CopperlineError } from '../kernel/errors.js';
import { otherLeg, type LegName, type MediaSession } from '../media/media-engine.js';
import type { DialogId } from '../signaling/incoming-refer.js';
import type { SipDialog } from '../signaling/sip-endpoint.js';
import type { LegSdp } from './call.js';
import { legPolicyOf, type CallParty } from './call-party.js';
import { endCall } from './end-call.js';
import { transferred } from './end-reasons.js';
import { offeredPatiently } from './glare.js';
import type { Bridged, Joined, TransferSteps } from './transfer-steps.js';

/**
 * An attended transfer (RFC 3891): the party at the other end of the transferring party's second call comes into this one. Both get a
 * re-INVITE: the one is asked for its offer, the other answers it (RFC 3725, flow I, with both up).
 * @throws CopperlineError when the second call is none of the same party, is not up, or somebody does not come along
 */
export async function joinOther(
  steps: TransferSteps,
  leg: LegName,
  replaces: DialogId,
): Promise<Joined | undefined> {
  const { call, context } = steps;
  const found = context.findDialog(replaces);
  const [mine, theirs] = [call.partyOn(leg), found?.call.partyOn(found.leg)];
  if (found === undefined || found.call === call || !sameParty(mine, theirs))
    throw refuse('The REFER names no other call of the same party.');
  const second = found.call;
  const from = otherLeg(found.leg);
  const party = second.partyOn(from);
  const dialog = second.dialogs[from];
  if (!second.is('up') || party === undefined || dialog === undefined)
    throw refuse('The other call is not up.');
  const media = await steps.openMedia();
  if (media === undefined) return undefined;
  try {
    const remaining = call.dialogs[otherLeg(leg)] ?? dialog;
    const sdp = await offeredPatiently({ call, dialog: remaining, random: context.random }, () =>
      second.queue.run(() => call.queue.run(() => bridge(steps, leg, { party, dialog, media }))),
    );
    const to = second.number ?? second.invite.called.user;
    const finish = (): (() => void) => {
      // The dialog is the first call's now, and gets no BYE with the second one.
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- as in Transfer
      delete second.dialogs[from];
      const channel = second.handOverChannel(from);
      endCall(second, transferred(party));
      return channel ?? (() => undefined);
    };
    const abandon = (): void => {
      // Its media went with the first call's.
      call.inBackground(media.close());
      endCall(second, call.end ?? transferred(party));
    };
    return { party, dialog, media, to, finish, abandon, ...sdp };
  } catch (error) {
    call.inBackground(media.close());
    throw error;
  }
}

/** One of the two that are brought together. */
interface Side {
  leg: LegName;
  party: CallParty;
  dialog: SipDialog;
}

async function bridge(
  { call, context: { browserLeg } }: TransferSteps,
  leg: LegName,
  { party, dialog, media }: { party: CallParty; dialog: SipDialog; media: MediaSession },
): Promise<Bridged> {
  const other = otherLeg(leg);
  const remainingDialog = call.dialogs[other];
  const remainingParty = call.partyOn(other);
  if (remainingDialog === undefined || remainingParty === undefined)
    throw refuse('The other party is gone.');
  const joining: Side = { leg, party, dialog };
  const staying: Side = { leg: other, party: remainingParty, dialog: remainingDialog };
  // A browser keeps its transport in an offer that it is asked for, but the media is elsewhere now: it must be offered to.
  const stayingIsAsked = party.kind === 'browser' && remainingParty.kind !== 'browser';
  const [asked, told] = stayingIsAsked ? [staying, joining] : [joining, staying];
  const policies = {
    from: legPolicyOf(asked.party, browserLeg),
    to: legPolicyOf(told.party, browserLeg),
  };
  const ofAsked: LegSdp = { local: '', remote: '' };
  const ofTold: LegSdp = { local: '', remote: '', peerAnswered: true };
  await asked.dialog.requestOffer(async (offer) => {
    ofAsked.remote = offer;
    ofTold.local = await media.offerTo(told.leg, offer, policies);
    ofTold.remote = await told.dialog.reoffer(ofTold.local);
    ofAsked.local = await media.answerTo(asked.leg, ofTold.remote);
    return ofAsked.local;
  });
  return stayingIsAsked ? { sdp: ofTold, remaining: ofAsked } : { sdp: ofAsked, remaining: ofTold };
}

function sameParty(one: CallParty | undefined, other: CallParty | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  if (one.kind === 'browser') return other.kind === 'browser' && one.user === other.user;
  return other.kind === 'trunk' && one.trunk.name === other.trunk.name;
}

function refuse(sentence: string): CopperlineError {
  return new CopperlineError('CL_CALL_TRANSFER', { sentence });
}

/** Where a Replaces leads: from the peer's side our tag is the remote one. */
export function matchesDialog(dialog: SipDialog, { callId, toTag, fromTag }: DialogId): boolean {
  const { local, remote } = dialog.tags;
  return dialog.callId === callId && local === toTag && remote === fromTag;
}

import type { EndReason } from '../kernel/end-reason.js';
import { toCopperlineError } from '../kernel/errors.js';
import { otherLeg, type LegName } from '../media/media-engine.js';
import type { DialogHandlers, OutgoingInviteResult, SipDialog } from '../signaling/sip-endpoint.js';
import { escapeUser } from '../signaling/sip-text.js';
import type { Device } from '../signaling/user-devices.js';
import type { Call } from './call.js';
import type { CallContext } from './call-context.js';
import { fromOf } from './caller-identity.js';
import type { HoldMusic } from './hold-music.js';

/** A leg of a call that is up, on which a browser speaks. */
export interface WatchedBrowser {
  call: Call;
  context: CallContext;
  leg: LegName;
  /** Of the dialog on a leg. */
  handlersFor: (leg: LegName) => DialogHandlers;
  /** True when the call goes on although this browser will not come back. */
  letGo: (leg: LegName, reason: EndReason) => boolean;
  music: HoldMusic;
}

interface OfferBack extends WatchedBrowser {
  device: Device;
  /** Aborted when the browser came back in another way. */
  signal: AbortSignal;
}

const TAKEN_UP = { sipStatus: 200, sentence: 'The call was taken up again on a new connection.' };

/**
 * Offers a running call to a browser that knows nothing of it: an INVITE that any SIP client can answer as an incoming call. One that
 * knows Copperline finds in `X-Copperline-Reattach` the SIP Call-ID of the dialog that the call had before, and may
 * answer at once. Replaces (RFC 3891) would say the same, but a page that was loaded again has no such dialog and would have to
 * answer 481. The other leg hears nothing of it. Never rejects.
 */
export async function offerBack(
  options: OfferBack,
): Promise<'answered' | 'refused' | 'gone' | 'cancelled'> {
  const { call, device, signal } = options;
  const abort = new AbortController();
  const links = [signal, call.over.signal, device.flow.closed].map((from) => {
    const onAbort = (): void => {
      abort.abort(from.reason);
    };
    from.addEventListener('abort', onAbort, { once: true });
    if (from.aborted) onAbort();
    return () => {
      from.removeEventListener('abort', onAbort);
    };
  });
  try {
    return await offer(options, abort.signal);
  } catch (thrown) {
    if (call.isOver) return 'cancelled';
    const { code, sentence } = toCopperlineError(thrown, 'CL_INTERNAL');
    call.log.warn({ code, sentence }, 'a call could not be offered back to its browser');
    return 'gone';
  } finally {
    for (const unlink of links) unlink();
  }
}

async function offer(
  options: OfferBack,
  signal: AbortSignal,
): Promise<'answered' | 'refused' | 'gone' | 'cancelled'> {
  const { call, context, leg, device } = options;
  const { media } = call;
  if (media === undefined || signal.aborted) return 'gone';
  const sdp = await call.queue.run(() => media.renewalOffer(leg));
  const before = call.dialogs[leg]?.callId ?? call.invite.callId;
  const result = await context.endpoint.invite({
    uri: device.contact,
    to: `sip:${escapeUser(device.user)}@${context.domain}`,
    from: fromOther(call, { leg, domain: context.domain }),
    offer: sdp,
    headers: { 'X-Copperline-Call': call.id, 'X-Copperline-Reattach': before },
    signal,
    onProgress: () => undefined,
  });
  if (result.kind === 'answered') return take(options, { ...result, sdp });
  if (result.kind === 'refused') return result.local ? 'gone' : 'refused';
  return device.flow.closed.aborted ? 'gone' : 'cancelled';
}

/** Who the browser talks to, as far as a From can say it. */
function fromOther(
  call: Call,
  { leg, domain }: { leg: LegName; domain: string },
): { uri: string; displayName: string | undefined } {
  const other = call.partyOn(otherLeg(leg));
  if (leg === 'callee' && call.from !== undefined) return fromOf(call.from, domain);
  const user = other?.kind === 'browser' ? other.user : (call.number ?? call.invite.called.user);
  return { uri: `sip:${escapeUser(user)}@${domain}`, displayName: undefined };
}

/** The new dialog takes the place of the old one, which leads nowhere any more. */
async function take(
  { call, leg, handlersFor, signal }: OfferBack,
  answered: Extract<OutgoingInviteResult, { kind: 'answered' }> & { sdp: string },
): Promise<'answered' | 'gone'> {
  const { dialog, answer, sdp } = answered;
  try {
    await call.queue.run(async () => {
      signal.throwIfAborted();
      if (call.media === undefined) return;
      await call.media.renewWithAnswer(leg, answer);
      const old = call.dialogs[leg];
      call.sdp[leg] = { local: sdp, remote: answer, peerAnswered: true };
      if (old !== undefined) leave(call, old, handlersFor(leg));
      dialog.setHandlers(handlersFor(leg));
      call.adoptDialog(leg, dialog);
    });
    return 'answered';
  } catch (thrown) {
    const { sentence, sipStatus } = toCopperlineError(thrown, 'CL_INTERNAL');
    call.inBackground(dialog.bye(call.end ?? { sipStatus, sentence }));
    throw thrown;
  }
}

function leave(call: Call, old: SipDialog, handlers: DialogHandlers): void {
  old.setHandlers({ ...handlers, onEnd: () => undefined });
  call.inBackground(old.bye(TAKEN_UP));
}

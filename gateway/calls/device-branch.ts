import { toCopperlineError } from '../kernel/errors.js';
import type { EndReason } from '../kernel/end-reason.js';
import type { MediaSession } from '../media/media-engine.js';
import type { OutgoingInviteRequest } from '../signaling/sip-endpoint.js';
import { printable } from '../signaling/sip-text.js';
import type { Device } from '../signaling/user-devices.js';
import type { CallParty } from './call-party.js';
import type { Answered } from './callout.js';
import { fromError } from './end-reasons.js';
import type { RingSteps } from './ring-steps.js';

export interface BranchOptions {
  device: Device;
  /** Who calls, for the INVITE. */
  invite: Pick<OutgoingInviteRequest, 'to' | 'from' | 'headers'>;
  /** Aborted with the reason for the CANCEL. */
  signal: AbortSignal;
  onRinging(media: MediaSession): void;
}

/** `gone`: its WebSocket is. `final`: the person behind it does not want the call on any device. */
export type BranchResult =
  | Answered
  | { kind: 'refused'; end: EndReason; final: boolean }
  | { kind: 'gone' }
  | { kind: 'cancelled' };

/**
 * Rings one device. It has a media session of its own, made for the same caller: a session knows one callee, and each device
 * answers with its own ICE and DTLS. Unless the device answers, the session is closed. Never rejects.
 */
export async function ringDevice(steps: RingSteps, options: BranchOptions): Promise<BranchResult> {
  const { device, signal } = options;
  const { closed } = device.flow;
  const abort = new AbortController();
  const onSignal = (): void => {
    abort.abort(signal.reason);
  };
  const onClosed = (): void => {
    abort.abort({ sipStatus: 480, sentence: 'The WebSocket of the browser was closed.' });
  };
  signal.addEventListener('abort', onSignal, { once: true });
  closed.addEventListener('abort', onClosed, { once: true });
  if (signal.aborted) onSignal();
  if (closed.aborted) onClosed();
  try {
    const result = await inviteDevice(steps, options, abort.signal);
    const cancelled = result.kind === 'cancelled' && !signal.aborted && closed.aborted;
    return cancelled ? { kind: 'gone' } : result;
  } catch (thrown) {
    const error = toCopperlineError(thrown, 'CL_INTERNAL');
    if (error.code === 'CL_INTERNAL')
      steps.call.log.error({ err: thrown }, 'ringing a browser failed');
    return { kind: 'refused', end: fromError(error), final: false };
  } finally {
    signal.removeEventListener('abort', onSignal);
    closed.removeEventListener('abort', onClosed);
  }
}

async function inviteDevice(
  steps: RingSteps,
  options: BranchOptions,
  signal: AbortSignal,
): Promise<BranchResult> {
  const { context } = steps;
  const { device, invite } = options;
  const media = signal.aborted ? undefined : await steps.openMedia();
  if (media === undefined) return { kind: 'cancelled' };
  let kept = false;
  try {
    const party: CallParty = { kind: 'browser', ...device };
    const offered = await steps.offerFor(media, party);
    if (signal.aborted) return { kind: 'cancelled' };
    steps.onInviting();
    const result = await context.endpoint.invite({
      ...{ uri: device.contact, ...invite, offer: offered, signal },
      onProgress: ({ status }) => {
        if (status > 100 && status !== 199) options.onRinging(media);
      },
    });
    if (result.kind === 'cancelled') return result;
    if (result.kind === 'refused') return refusalOf(device, result);
    kept = true;
    return {
      kind: 'answered',
      party,
      media,
      offered,
      dialog: result.dialog,
      answer: result.answer,
    };
  } finally {
    if (!kept) steps.release(media);
  }
}

interface Refusal {
  status: number;
  reason: string;
  local: boolean;
}

/** RFC 3261 section 21.6: 6xx speaks for the person; anything else for this device. */
function refusalOf({ user }: Device, { status, reason, local }: Refusal): BranchResult {
  // Made by our own SIP server: there is no way to the browser any more.
  if (local) return { kind: 'gone' };
  const end = { by: 'browser', sipStatus: status, bucket: 'ok' } as const;
  const final = status >= 600 && status !== 606;
  if (status === 486 || status === 600)
    return {
      kind: 'refused',
      final,
      end: { ...end, code: 'BUSY', sentence: `The user ${user} is busy.` },
    };
  if (final) {
    const sentence = `The user ${user} declined the call.`;
    return { kind: 'refused', final, end: { ...end, code: 'DECLINED', sentence } };
  }
  const phrase = printable(reason).slice(0, LONGEST_PHRASE);
  const sentence = `The browser of ${user} refused the call (${status} ${phrase}).`;
  return { kind: 'refused', final, end: { ...end, code: 'UNAVAILABLE', sentence } };
}

const LONGEST_PHRASE = 200;

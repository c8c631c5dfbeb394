import { delay } from '../kernel/clock.js';
import type { EndReason } from '../kernel/end-reason.js';
import type { LegName, MediaStatistics } from '../media/media-engine.js';
import type { Call } from './call.js';

export interface EndCallOptions {
  /** The leg that is gone already and gets no BYE. */
  gone?: LegName;
  /** For refusals that pass: when the caller may try again. */
  retryAfterS?: number;
}

/** Longer than any engine needs; a dead one must not keep the record back. */
const MEDIA_CLOSE_TIMEOUT_MS = 5_000;

/**
 * The one way to end a call, in any state and for any reason; the first reason counts, later calls do nothing. In this
 * order: no timer and no queued step runs any more; the browser's INVITE is refused (unless it was answered or
 * cancelled); the carrier's is cancelled; whoever is still in a dialog gets BYE; the media session is closed; the record is
 * emitted.
 */
export function endCall(call: Call, reason: EndReason, options: EndCallOptions = {}): void {
  if (call.isOver) return;
  call.end = reason;
  call.mark('endedMs');
  call.transition('ending');
  call.cancelTimers();
  call.queue.close();
  call.giveChannelsBack();
  const { sipStatus, sentence, code } = reason;
  const { retryAfterS, gone } = options;
  call.invite.reject(refusalStatus(sipStatus), {
    ...{ sentence, code },
    ...(retryAfterS === undefined ? {} : { retryAfterS }),
  });
  call.over.abort(reason);
  for (const leg of ['caller', 'callee'] as const) {
    const dialog = call.dialogs[leg];
    if (dialog !== undefined && leg !== gone) call.inBackground(dialog.bye(reason));
  }
  call.inBackground(finish(call, reason));
}

/** An INVITE cannot be refused with a success, nor with a challenge that was not meant for the browser. */
function refusalStatus(sipStatus: number): number {
  return sipStatus < 400 || sipStatus === 401 || sipStatus === 407 ? 480 : sipStatus;
}

async function finish(call: Call, end: EndReason): Promise<void> {
  const media = await closeMedia(call);
  call.transition('ended');
  call.events.emit('ended', {
    ...call.view(),
    end,
    attempts: call.attempts,
    transfers: call.transfers,
    media,
  });
}

/** The final counters; undefined when there was no session or it did not close in time. */
async function closeMedia(call: Call): Promise<MediaStatistics | undefined> {
  if (call.media === undefined) return undefined;
  const waiting = new AbortController();
  const timeout = delay(call.clock, MEDIA_CLOSE_TIMEOUT_MS, waiting.signal).catch(() => undefined);
  try {
    const statistics = await Promise.race([call.media.close(), timeout]);
    if (statistics === undefined) call.log.error('the media session did not close in time');
    return statistics ?? undefined;
  } catch (error) {
    call.log.warn({ err: error }, 'the media session did not close');
    return undefined;
  } finally {
    waiting.abort();
  }
}

import type { CallEnd, CallState } from '../phone/call-state.js';
import type { Failure } from '../phone/failure.js';
import { formatDuration } from './duration.js';
import type { Messages } from './messages.js';

/** What the page says about a call, in one plain sentence. */
export function callSentence(state: CallState, messages: Messages): string {
  const text = messages.call;
  switch (state.name) {
    case 'idle':
      return text.idle;
    case 'calling':
      return text.calling;
    case 'trying':
      return text.trying;
    case 'ringing':
      return text.ringing;
    case 'early-media':
      return text.earlyMedia;
    case 'incoming':
      return text.incoming;
    case 'answering':
      return text.answering;
    case 'in-call':
      return text.inCall;
    case 'ended': {
      const talked = state.talkedMs > 0 ? ` ${text.talked(formatDuration(state.talkedMs))}` : '';
      return endSentence(state.end, state.talkedMs, messages) + talked;
    }
  }
}

function endSentence(end: CallEnd, talkedMs: number, messages: Messages): string {
  const text = messages.call;
  switch (end.how) {
    case 'hung-up':
      return text.hungUp;
    case 'cancelled':
      return text.cancelled;
    case 'remote-hung-up':
      return end.sentence ?? text.remoteHungUp;
    case 'rejected':
      return text.rejected;
    case 'missed':
      return text.missed;
    case 'elsewhere':
      return text.elsewhere;
    case 'failed':
      return talkedMs > 0 ? text.failedMidway : text.failed;
  }
}

/** The server's own sentence as it came; ours in the page's language; nothing when nothing failed. */
export function failureSentence(failure: Failure | undefined, messages: Messages): string {
  if (failure === undefined) return '';
  return failure.fromServer ? failure.sentence : messages.failures[failure.kind];
}

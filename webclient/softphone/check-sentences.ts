import type { PreCallReport } from '../phone/pre-call-types.js';
import { failureSentence } from './call-sentence.js';
import type { Messages } from './messages.js';

/** A light of the check before calls. */
export type CheckPart = 'microphone' | 'webSocket' | 'udp' | 'turn';

/** What was found, one sentence for each part. */
export function checkSentences(
  { microphone, webSocket, udp, turn, testCall }: PreCallReport,
  messages: Messages,
): Record<CheckPart, string> {
  const text = messages.check;
  const failed = failureSentence(microphone.failure, messages);
  // Why the call for the test did not come about belongs to what it was to find out.
  const noTest = testCall === undefined ? '' : ` ${failureSentence(testCall, messages)}`;
  return {
    microphone:
      microphone.finding === 'failed'
        ? failed
        : text.microphone[microphone.finding](microphone.label),
    webSocket: text.webSocket[webSocket.finding],
    udp: `${text.udp[udp.finding]}${noTest}`,
    turn: text.turn[turn.finding],
  };
}

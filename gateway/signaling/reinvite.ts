import { CopperlineError } from '../kernel/errors.js';
import type { FinalResponse } from './dialog-requests.js';
import type { WireResponse } from './drachtio-wire.js';
import { refuseStreams } from './refuse-streams.js';

/** @throws CopperlineError CL_SIP_REQUEST_REFUSED with the peer's status, unless it is 200 */
export function refuseUnlessOk({ status, reason }: WireResponse): void {
  if (status === 200) return;
  throw new CopperlineError('CL_SIP_REQUEST_REFUSED', {
    sentence: `The peer answered a change of the call with ${status} ${reason}.`,
    sipStatus: status,
  });
}

/** The 200 to an INVITE without SDP must be acknowledged whatever comes of its offer. */
export async function answerInAck(
  { response, acknowledge }: FinalResponse,
  answerTo: (offer: string) => Promise<string>,
): Promise<void> {
  const offer = response.body ?? '';
  try {
    acknowledge?.(await answerTo(offer));
  } catch (error) {
    acknowledge?.(refuseStreams(offer));
    throw error;
  }
}

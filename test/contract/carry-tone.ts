import { sendInStep, sendPaced } from '../support/media-rig.js';
import type { Inbox, ReceivedRtp, RtpToSend } from '../support/media-rtp-peer.js';
import type { EngineUnderTest } from './engine-under-test.js';

/** Packets that may still be on their way through an engine with a pace of its own. */
export const UNDER_WAY = 10;

export interface End {
  send(packet: RtpToSend): void;
  rtp: Inbox<ReceivedRtp>;
}

/** A tone from one end to the other; resolves when it has arrived. */
export async function carryTone(
  engine: EngineUnderTest,
  packets: readonly RtpToSend[],
  { from, to }: { from: End; to: End },
): Promise<void> {
  if (engine.paced !== true) return sendInStep(packets, from, to);
  const before = to.rtp.items.length;
  await sendPaced(packets, from);
  await to.rtp.waitFor(before + packets.length - UNDER_WAY);
}

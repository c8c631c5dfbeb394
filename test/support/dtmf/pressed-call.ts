import { networkInterfaces } from 'node:os';
import type {
  CodecName,
  DigitReport,
  DigitTransport,
  LegPolicy,
  MediaEngine,
} from '../../../gateway/media/media-engine.js';
import { candidatePort, throughCandidate } from '../candidate-sdp.js';
import { LossyForwarder } from '../lossy-forwarder.js';
import { answerFormats, eventTypeIn, policy, SessionEvents } from '../media-rig.js';
import { RtpPeer } from '../media-rtp-peer.js';
import { within } from '../within.js';
import { AUDIO_TYPE, heardAsEvents, heardAsTones, type HeardPress } from './heard-at-carrier.js';
import type { PressingBrowser, PressTiming } from './pressing-browser.js';

export const ALL_DIGITS = '1234567890*#ABCD';

/** How the trunk is told. */
export type Way = Extract<DigitTransport, 'rfc4733' | 'info' | 'inband'>;

export interface PressedCall {
  /** What the browser speaks; the trunk speaks PCMU. */
  codec: Extract<CodecName, 'opus' | 'pcmu'>;
  way: Way;
  timing: PressTiming;
  /** Share of the packets between browser and gateway that is dropped while keys are pressed. */
  loss: number;
  seed: number;
}

/**
 * Audio packets after the last key within which every digit must have come. Three seconds: tones are audio themselves, and wait for
 * each other where the trunk's shortest gap or a browser's rounding makes them longer than they were pressed.
 */
const PACKETS_AFTER = 150;

/** Beyond the keys themselves: Firefox rounds each up to 120 ms, the trunk's tones wait for each other, the browser connects. */
const PATIENCE_MS = 30_000;
const HANG_UP_MS = 5_000;

/**
 * One call of a browser to a trunk in which every key is pressed once; resolves with what the trunk was told.
 * @throws Error when nothing comes for too long
 */
export async function pressAllDigits(
  engine: MediaEngine,
  browser: PressingBrowser,
  wanted: PressedCall,
): Promise<{ presses: HeardPress[]; dropped: number }> {
  const events = new SessionEvents();
  const carrier = await RtpPeer.open();
  const session = await engine.open({ callId: `digits-${wanted.way}`, handlers: events.handlers });
  let forwarder: LossyForwarder | undefined;
  let step = 'the offer';
  const pressed = async (call: number, sdp: string): Promise<HeardPress[]> => {
    const to: LegPolicy = { ...policy('rtp', ['pcmu']), dtmf: wanted.way };
    const from = policy('webrtc', [wanted.codec]);
    const offer = await session.offerTo('callee', sdp, { from, to });
    carrier.follow(offer);
    const answer = await session.answerTo('caller', carrier.sdp(answerFormats(offer, 'pcmu')));
    step = 'the connection of the browser';
    const host = outsideAddress();
    const target = candidatePort(answer);
    forwarder = await LossyForwarder.open({ host, target, seed: wanted.seed });
    await browser.connect(call, throughCandidate(answer, `${host} ${forwarder.port}`));
    step = 'the first audio';
    await carrier.rtp.waitFor(1);
    step = 'the keys in the browser';
    forwarder.loss = wanted.loss;
    await browser.press(call, ALL_DIGITS, wanted.timing);
    step = 'the audio after the keys';
    const before = carrier.rtp.items.filter(isAudio).length;
    await carrier.rtp.waitFor(before + PACKETS_AFTER, isAudio);
    return heardBy(wanted.way, { carrier, offer, events });
  };
  const { toneMs, gapMs } = wanted.timing;
  let call: number | undefined;
  try {
    const offered = await within(PATIENCE_MS, browser.offer());
    call = offered.call;
    const limitMs = PATIENCE_MS + ALL_DIGITS.length * (toneMs + gapMs);
    const presses = await within(limitMs, pressed(call, offered.sdp), () => step);
    return { presses, dropped: forwarder?.dropped ?? 0 };
  } finally {
    forwarder?.close();
    carrier.close();
    await session.close();
    if (call !== undefined) await within(HANG_UP_MS, browser.hangUp(call)).catch(() => undefined);
  }
}

function heardBy(
  way: Way,
  from: { carrier: RtpPeer; offer: string; events: SessionEvents },
): HeardPress[] {
  const packets = from.carrier.rtp.items;
  switch (way) {
    case 'info':
      return from.events.digits.items.filter(isUntold).map(asPress);
    case 'inband':
      return heardAsTones(packets);
    case 'rfc4733':
      return heardAsEvents(packets, eventTypeIn(from.offer, 8000));
  }
}

const isAudio = ({ payloadType }: { payloadType: number }): boolean => payloadType === AUDIO_TYPE;

/** What the signalling puts into an INFO: a press that the media does not tell. */
const isUntold = ({ carried }: DigitReport): boolean => !carried;

function asPress({ digit, durationMs }: DigitReport): HeardPress {
  return { digit, durationMs, defects: [] };
}

/** Firefox has no loopback candidates, and takes no check that says it was seen at one. */
export function outsideAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  const outside = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
  return outside?.address ?? '127.0.0.1';
}

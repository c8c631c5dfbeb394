import type { CodecName } from '../media-engine.js';
import { FLASH_EVENT } from './digit-event.js';

/** One `telephone-event` of an SDP: its rtpmap and fmtp. */
export interface OfferedTelephoneEvent {
  payloadType: number;
  /** From the rtpmap, Hz. */
  clockRate: number;
  /** The fmtp value, for example `0-15`; undefined when the SDP has none. */
  events?: string | undefined;
}

export interface ChosenTelephoneEvent {
  payloadType: number;
  clockRate: number;
  /** For our own fmtp: the events that we take. */
  events: string;
  /** Bit n is set when the peer takes event n (0 to 16): what may be sent to it. */
  peerEvents: number;
}

const DIGIT_EVENTS = '0-15';
const DIGITS_AND_FLASH = `0-${FLASH_EVENT}`;
const ALL_DIGITS = 0xffff;

/** RTP timestamp clock of a codec, Hz (RFC 3551 4.5.2 for G.722, RFC 7587 4.1 for Opus). */
export function rtpClockRate(codec: CodecName): number {
  if (codec === 'opus') return 48_000;
  return codec === 'l16-16000' ? 16_000 : 8000;
}

/**
 * The telephone-event to answer with, or to send with once the peer has answered, beside the audio codec
 * that was chosen; undefined when none fits, then digits need another way.
 *
 * Exactly one is chosen, and for Opus that of 48000 Hz whenever it was offered: given both, libwebrtc
 * sends Opus with the one of 8000 Hz and counts its durations in the wrong clock, so that tones come out
 * as bursts of end packets (RFC 4733 2.1 asks for the audio's clock too). Firefox offers 8000 only.
 */
export function chooseTelephoneEvent(
  codec: CodecName,
  offered: readonly OfferedTelephoneEvent[],
): ChosenTelephoneEvent | undefined {
  const ofRate = (rate: number): OfferedTelephoneEvent | undefined =>
    offered.find((entry) => entry.clockRate === rate);
  const entry = ofRate(rtpClockRate(codec)) ?? ofRate(8000);
  if (entry === undefined) return undefined;
  const { payloadType, clockRate, events } = entry;
  return {
    payloadType,
    clockRate,
    events: takesFlash(events) ? DIGITS_AND_FLASH : DIGIT_EVENTS,
    peerEvents: parseEvents(events),
  };
}

/**
 * The clock rates of telephone-event to offer beside these codecs, best first. An offer cannot know which
 * codec will be chosen, so each codec's clock is listed once.
 */
export function telephoneEventRatesToOffer(codecs: readonly CodecName[]): number[] {
  return [...new Set(codecs.map(rtpClockRate))];
}

/** The fmtp value of an offer of ours. */
export const OFFERED_EVENTS = DIGITS_AND_FLASH;

/**
 * The digits and flash in an event list such as `0-16` or `0-9,11` as bits. A list that is missing, unreadable or without
 * digits means all sixteen digits, as it did in RFC 2833 (RFC 4733 2.4.1); flash must be listed.
 */
export function parseEvents(list: string | undefined): number {
  let bits = 0;
  for (const [first, last] of ranges(list)) {
    for (let event = first; event <= Math.min(last, FLASH_EVENT); event += 1) bits |= 1 << event;
  }
  return (bits & ALL_DIGITS) === 0 ? bits | ALL_DIGITS : bits;
}

function takesFlash(list: string | undefined): boolean {
  return ranges(list).some(([first, last]) => first <= FLASH_EVENT && FLASH_EVENT <= last);
}

function ranges(list: string | undefined): [number, number][] {
  const found: [number, number][] = [];
  for (const part of (list ?? '').split(',')) {
    const match = /^\s*(\d{1,3})(?:-(\d{1,3}))?\s*$/.exec(part);
    if (match === null) continue;
    const first = Number(match[1]);
    found.push([first, match[2] === undefined ? first : Number(match[2])]);
  }
  return found;
}

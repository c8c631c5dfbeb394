import { DIGITS } from '../../../gateway/media/dtmf/digit-event.js';

/** One key press as a test asks for it. */
export interface AskedDigit {
  digit: string;
  toneMs: number;
  gapMs: number;
}

/** A packet of a scripted sender: audio when it has no event. */
export interface SourcePacket {
  /** Ms since the source began. */
  at: number;
  sequence: number;
  timestamp: number;
  marker: boolean;
  /** Index into the asked digits; undefined for audio. */
  digitIndex?: number;
  event?: number;
  end?: boolean;
  duration?: number;
  /** What the packet declares the digit's length to be so far, earlier segments included. */
  lengthMs?: number;
}

/** How a sender behaves, named after those seen in the field. */
export type SourceStyle = 'rfc' | 'libwebrtc' | 'libwebrtc-opus-8000' | 'asterisk';

export interface SourceOptions {
  style: SourceStyle;
  clockRate: 8000 | 16000 | 48000;
  firstTimestamp: number;
  firstSequence: number;
}

const FRAME_MS = 20;

interface PlannedEvent {
  at: number;
  end: boolean;
  duration: number;
  marker: boolean;
}

/** The packets of one digit that begins at 0, and how long the sender's audio is replaced. */
function plan(style: SourceStyle, toneMs: number, clockRate: number): PlannedEvent[] {
  const perFrame = (clockRate * FRAME_MS) / 1000;
  const frames = Math.ceil(toneMs / FRAME_MS);
  const update = (frame: number): PlannedEvent => ({
    at: frame * FRAME_MS,
    end: false,
    duration: frame * perFrame,
    marker: frame === 1,
  });
  const updates = (count: number): PlannedEvent[] =>
    Array.from({ length: count }, (_, index) => update(index + 1));
  const ends = (at: number, duration: number, spacing: number): PlannedEvent[] =>
    [0, 1, 2].map((copy) => ({ at: at + copy * spacing, end: true, duration, marker: false }));
  switch (style) {
    case 'rfc':
      return [
        ...updates(frames - 1),
        ...ends(frames * FRAME_MS, (toneMs * clockRate) / 1000, FRAME_MS),
      ];
    case 'libwebrtc':
      return [...updates(frames - 1), ...ends(frames * FRAME_MS, frames * perFrame, 0)];
    case 'libwebrtc-opus-8000': {
      // The length is counted at 8000 Hz, the frames at 48000 Hz: 120 ms pass as one frame of 20 ms.
      const count = Math.ceil((toneMs * 8) / perFrame);
      const burst = ends(count * FRAME_MS, count * perFrame, 0);
      if (count === 1) for (const packet of burst) packet.marker = true;
      return [...updates(count - 1), ...burst];
    }
    case 'asterisk':
      // Two packets at once, then 160 more per frame whatever the clock; the end tells the true length.
      return [
        ...Array.from({ length: frames }, (_, index) => ({
          at: Math.max(0, index - 1) * FRAME_MS,
          end: false,
          duration: 160 * (index + 1),
          marker: index === 0,
        })),
        ...ends(frames * FRAME_MS, (toneMs * clockRate) / 1000, 0),
      ];
  }
}

/** Cuts what exceeds the duration field into segments (RFC 4733 2.5.1.3). */
function segmented(planned: readonly PlannedEvent[]): (PlannedEvent & { offset: number })[] {
  let offset = 0;
  let full = false;
  return planned.map((packet) => {
    if (full) offset += 0xffff;
    full = packet.duration - offset > 0xffff;
    if (full) return { ...packet, offset, duration: 0xffff, end: false };
    return { ...packet, offset, duration: packet.duration - offset };
  });
}

/** All packets of the digits with the audio before, between and after them, in sending order. */
export function sourcePackets(
  asked: readonly AskedDigit[],
  options: SourceOptions,
): SourcePacket[] {
  const { style, clockRate } = options;
  const unsequenced: Omit<SourcePacket, 'sequence'>[] = [];
  const stampAt = (ms: number): number =>
    (options.firstTimestamp + Math.round((ms * clockRate) / 1000)) >>> 0;
  const durationRate = style === 'libwebrtc-opus-8000' ? 8000 : clockRate;
  let at = 0;
  const audioUntil = (end: number): void => {
    for (; at < end; at += FRAME_MS)
      unsequenced.push({ at, timestamp: stampAt(at), marker: false });
    at = end;
  };
  audioUntil(60);
  for (const [digitIndex, { digit, toneMs, gapMs }] of asked.entries()) {
    const begin = at;
    const planned = segmented(plan(style, toneMs, clockRate));
    for (const { offset, ...packet } of planned)
      unsequenced.push({
        ...packet,
        at: begin + packet.at,
        timestamp: (stampAt(begin) + offset) >>> 0,
        lengthMs: ((packet.duration + offset) * 1000) / durationRate,
        event: DIGITS.indexOf(digit),
        digitIndex,
      });
    at = begin + (planned.at(-1)?.at ?? 0) + FRAME_MS;
    audioUntil(Math.max(at, begin + toneMs + gapMs));
  }
  audioUntil(at + 100);
  return unsequenced.map((packet, index) => ({
    ...packet,
    sequence: (options.firstSequence + index) & 0xffff,
  }));
}

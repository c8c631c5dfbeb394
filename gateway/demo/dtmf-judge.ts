import {
  addPacket,
  elapsedUnits,
  isNextSegment,
  newObservation,
  readEvent,
  type DigitObservation,
  type EventPayload,
} from './digit-observation.js';
import { digitName, reportDigit } from './digit-verdict.js';
import { DEFAULT_LIMITS, type DigitReport, type JudgeLimits } from './dtmf-report.js';
import { sequenceDelta, timestampDelta, type RtpPacket } from './rtp-packet.js';

/** As answered; no events when the offer had none. */
export interface PayloadTypes {
  audioPayloadType: number;
  eventPayloadType: number | undefined;
}

export interface JudgeOptions extends PayloadTypes {
  /** Events and audio share one clock (RFC 4733 section 2.1). */
  clockRate: number;
  limits?: Partial<JudgeLimits>;
}

/** What a packet was: `late` is one of an event that was reported already. */
export type PacketRole = 'audio' | 'digit-update' | 'digit-ended' | 'late' | 'other';

/** Audio is sent when its last sample is known; every sender the gateway talks to uses 20 ms. */
const PACKETS_PER_SECOND = 50;
/** Audio this long after an unfinished event means that the end was never sent. */
const ABANDONED_AFTER_MS = 200;

/**
 * Judges the telephone-events of one RTP stream by RFC 4733, from every packet of it in the order of
 * arrival. Pure: time comes with the packets, reports are fetched with {@link DtmfJudge.finish}.
 */
export class DtmfJudge {
  readonly #clockRate: number;
  #types: PayloadTypes;
  readonly #limits: JudgeLimits;
  readonly #done: DigitObservation[] = [];
  #running: DigitObservation | undefined;
  /** The last event that was reported, so that its late packets are not taken for a new one. */
  #reported: DigitObservation | undefined;
  #lastSequence: { ssrc: number; sequence: number } | undefined;
  #audio: { timestamp: number; arrival: number } | undefined;
  #started = 0;

  constructor(options: JudgeOptions) {
    this.#clockRate = options.clockRate;
    this.#types = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
  }

  /** The digit that is or was received last. Secret. */
  get lastDigit(): string | undefined {
    const last = this.#running ?? this.#reported;
    return last === undefined ? undefined : digitName(last.event);
  }

  /** Digits that began so far. */
  get started(): number {
    return this.#started;
  }

  /** A re-INVITE may change the numbers (RFC 3264 section 8.3.2), not the clock. */
  setPayloadTypes(types: PayloadTypes): void {
    this.#types = types;
  }

  /** Takes one packet; `arrival` is monotonic ms. The packet is not kept. */
  packet(packet: RtpPacket, arrival: number): PacketRole {
    const jump = this.#sequenceJump(packet);
    this.#lastSequence = { ssrc: packet.ssrc, sequence: packet.sequence };
    if (packet.payloadType === this.#types.audioPayloadType) {
      this.#audioPacket(packet, { arrival, jump });
      return 'audio';
    }
    if (packet.payloadType !== this.#types.eventPayloadType) return 'other';
    const payload = readEvent(packet.payload);
    if (payload === undefined) {
      if (this.#running !== undefined) this.#running.badLengths += 1;
      return 'other';
    }
    return this.#eventPacket(packet, { payload, arrival, jump });
  }

  /** Reports every digit since the last call, in order; one that still runs is reported as it stands. */
  finish(): DigitReport[] {
    if (this.#running !== undefined) this.#done.push(this.#running);
    const first = this.#reported;
    const reports = this.#done.map((seen, index) =>
      reportDigit(seen, {
        previous: index === 0 ? first : this.#done[index - 1],
        clockRate: this.#clockRate,
        limits: this.#limits,
      }),
    );
    this.#reported = this.#done.at(-1) ?? this.#reported;
    this.#running = undefined;
    this.#done.length = 0;
    return reports;
  }

  #eventPacket(
    packet: RtpPacket,
    seen: { payload: EventPayload; arrival: number; jump: number | 'ssrc' | undefined },
  ): PacketRole {
    const { payload, arrival, jump } = seen;
    const owner = this.#ownerOf(packet, payload);
    if (owner === 'reported') return 'late';
    const digit = owner ?? this.#start(packet, payload, arrival);
    if (digit !== this.#running) digit.packetsAfterNextDigit += 1;
    const alreadyEnded = digit.endArrivals.length > 0;
    noteJump(digit, jump);
    addPacket(digit, { packet, payload, arrival, clockRate: this.#clockRate });
    return payload.end && !alreadyEnded ? 'digit-ended' : 'digit-update';
  }

  /** The event that a packet belongs to, by timestamp and event, never by marker; undefined for a new one. */
  #ownerOf(packet: RtpPacket, payload: EventPayload): DigitObservation | 'reported' | undefined {
    const running = this.#running;
    if (running !== undefined && continues(running, packet, payload)) return running;
    for (const done of this.#done) if (sameKey(done, packet, payload)) return done;
    const reported = this.#reported;
    return reported !== undefined && sameKey(reported, packet, payload) ? 'reported' : undefined;
  }

  #start(packet: RtpPacket, payload: EventPayload, arrival: number): DigitObservation {
    const digit = newObservation(packet, payload.event, arrival);
    const audio = this.#audio;
    if (audio !== undefined) {
      const rate = this.#clockRate;
      const claimed =
        timestampDelta(packet.timestamp, audio.timestamp) +
        payload.duration -
        rate / PACKETS_PER_SECOND;
      digit.startOffUnits = claimed - ((arrival - audio.arrival) * rate) / 1000;
      digit.startsInsideAudio = timestampDelta(packet.timestamp, audio.timestamp) <= 0;
    }
    if (this.#running !== undefined) this.#done.push(this.#running);
    this.#running = digit;
    this.#started += 1;
    return digit;
  }

  #audioPacket(
    packet: RtpPacket,
    seen: { arrival: number; jump: number | 'ssrc' | undefined },
  ): void {
    const digit = this.#running;
    if (digit !== undefined && digit.resume === undefined) {
      const over =
        digit.endArrivals.length > 0 || seen.arrival - digit.lastArrival > ABANDONED_AFTER_MS;
      noteJump(digit, seen.jump);
      if (!over) {
        // RFC 4733 leaves this open; but who plays both hears the key twice, so the judge does not.
        digit.audioDuring += 1;
        return;
      }
      digit.resume = {
        expected: this.#expectedResume(digit, seen.arrival),
        actual: packet.timestamp,
      };
    }
    this.#audio = { timestamp: packet.timestamp, arrival: seen.arrival };
  }

  #expectedResume(digit: DigitObservation, arrival: number): number {
    const rate = this.#clockRate;
    const base = this.#audio ??
      // No audio before the event: its own clock is all there is.
      {
        timestamp: digit.start + (digit.durations[0] ?? 0) - rate / PACKETS_PER_SECOND,
        arrival: digit.firstArrival,
      };
    return Math.round(base.timestamp + ((arrival - base.arrival) * rate) / 1000) >>> 0;
  }

  /** Undefined when the packet follows the one before; RFC 3550 section 5.1. */
  #sequenceJump(packet: RtpPacket): number | 'ssrc' | undefined {
    const last = this.#lastSequence;
    if (last === undefined) return undefined;
    if (last.ssrc !== packet.ssrc) return 'ssrc';
    const delta = sequenceDelta(packet.sequence, last.sequence);
    return delta === 1 ? undefined : delta;
  }
}

function noteJump(digit: DigitObservation, jump: number | 'ssrc' | undefined): void {
  if (jump === 'ssrc') digit.ssrcChanged = true;
  else if (jump !== undefined) digit.sequenceJumps.push(jump);
}

function sameKey(digit: DigitObservation, packet: RtpPacket, payload: EventPayload): boolean {
  return (
    digit.event === payload.event &&
    (digit.start === packet.timestamp || digit.segmentStart === packet.timestamp)
  );
}

function continues(digit: DigitObservation, packet: RtpPacket, payload: EventPayload): boolean {
  if (sameKey(digit, packet, payload)) return true;
  if (digit.event !== payload.event) return false;
  if (isNextSegment(digit, packet.timestamp)) return true;
  // A sender that moves the timestamp with each packet: the same tone as long as nothing says otherwise.
  const ahead = timestampDelta(packet.timestamp, digit.start);
  const unmarked = !packet.marker && digit.endArrivals.length === 0;
  const repeatsEnd = payload.end && digit.endArrivals.length > 0 && ahead <= elapsedUnits(digit);
  return (
    (unmarked && payload.duration >= (digit.durations.at(-1) ?? 0)) || (repeatsEnd && ahead > 0)
  );
}

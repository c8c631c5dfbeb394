import type { EventPacket } from './event-packet.js';
import { MAX_EVENT_DURATION, type TelephoneEventBlock } from './telephone-event-payload.js';

/**
 * How a received block stands to the digit heard last: `same` extends it, `segment` continues it under
 * a new timestamp (RFC 4733 2.5.1.3), `moved` continues it although the sender moved the timestamp,
 * `over` belongs to a digit that has ended, `new` begins another digit.
 */
export type BlockRelation = 'same' | 'segment' | 'moved' | 'over' | 'new';

/** One block in its packet: `timestamp` is that of the block, after the blocks before it. */
export interface ReceivedBlock {
  block: TelephoneEventBlock;
  packet: EventPacket;
  timestamp: number;
  /** The packet's sequence number minus the newest one heard before; negative or 0 for late ones. */
  sequenceStep: number;
}

/** A new segment begins at the old one's end; libwebrtc rounds that up to its next frame. */
const SEGMENT_SLACK_MS = 20;
const MAX_SEGMENTS_AHEAD = 3;
/** Senders with moving timestamps advance by one packet time per packet; 30 ms is common at most. */
const MOVING_STEP_MS = 30;
/** Packets that may be lost in a row before a moved timestamp counts as another digit. */
const MOVING_MAX_STEP = 3;

/** The digit heard last, while it lasts and afterwards (to recognise its retransmissions). */
export class HeardDigit {
  id = 0;
  digit = '';
  event = 0;
  startedAt = 0;
  lastHeardAt = 0;
  durationMs = 0;
  ended = true;
  #ssrc = 0;
  #firstTimestamp = 0;
  #firstDurationMs = 0;
  #timestamp = -1;
  /** Length of the segments that are complete, ms. */
  #segmentsMs = 0;
  #endHeard = false;
  readonly #timestampClockRate: number;

  constructor(timestampClockRate: number) {
    this.#timestampClockRate = timestampClockRate;
  }

  begin(received: ReceivedBlock, durationMs: number): void {
    this.event = received.block.event;
    this.startedAt = received.packet.now;
    this.lastHeardAt = received.packet.now;
    this.durationMs = durationMs;
    this.ended = received.block.end;
    this.#endHeard = received.block.end;
    this.#ssrc = received.packet.ssrc;
    this.#firstTimestamp = received.timestamp;
    this.#timestamp = received.timestamp;
    this.#firstDurationMs = durationMs;
    this.#segmentsMs = 0;
  }

  /**
   * Takes a packet that came under a new timestamp after the digit was told as ended: an end copy with a
   * moved timestamp, or a segment after an outage. The packets after it are then known too.
   */
  follow(received: ReceivedBlock): void {
    this.#timestamp = received.timestamp;
    if (received.block.end) this.#endHeard = true;
  }

  /** Takes what a further packet of the digit tells; true when its duration grew. */
  extend(received: ReceivedBlock, durationMs: number, relation: BlockRelation): boolean {
    this.lastHeardAt = received.packet.now;
    let total = this.#segmentsMs + durationMs;
    if (relation === 'segment') {
      // In the clock of the durations: a sender that counts them in another one steps by them too.
      const msPerUnit = durationMs / received.block.duration;
      this.#segmentsMs += ((received.timestamp - this.#timestamp) >>> 0) * msPerUnit;
      total = this.#segmentsMs + durationMs;
    } else if (relation === 'moved') {
      // The duration field of such senders grows with some and stands still with others.
      const moved = this.#toMs((received.timestamp - this.#firstTimestamp) >>> 0);
      total = Math.max(durationMs, moved + this.#firstDurationMs);
    }
    if (received.block.end) this.#endHeard = true;
    if (relation !== 'same') this.#timestamp = received.timestamp;
    const grew = total > this.durationMs;
    if (grew) this.durationMs = total;
    return grew;
  }

  /** True for the digit's own (SSRC, timestamp, event): markers are never counted, they get lost. */
  isKey(ssrc: number, timestamp: number, event: number): boolean {
    return this.#timestamp === timestamp && this.event === event && this.#ssrc === ssrc;
  }

  get ssrc(): number {
    return this.#ssrc;
  }

  get timestamp(): number {
    return this.#timestamp;
  }

  relate(received: ReceivedBlock): BlockRelation {
    const { block, packet, timestamp } = received;
    if (this.isKey(packet.ssrc, timestamp, block.event)) return this.ended ? 'over' : 'same';
    if (this.#timestamp < 0 || packet.ssrc !== this.#ssrc) return 'new';
    if (received.sequenceStep <= 0) return 'over';
    if (block.event !== this.event) return 'new';
    const step = (timestamp - this.#timestamp) >>> 0;
    if (this.#isLaterSegment(packet.marker, step)) return 'segment';
    if (this.#hasMoved(received, step)) return 'moved';
    return 'new';
  }

  /** Also true when the segments between were lost, and when the silence timeout came before the end did. */
  #isLaterSegment(marker: boolean, step: number): boolean {
    if (marker || this.#endHeard) return false;
    const segments = Math.floor(step / MAX_EVENT_DURATION);
    if (segments < 1 || segments > MAX_SEGMENTS_AHEAD) return false;
    const beyond = this.#toMs(step - segments * MAX_EVENT_DURATION);
    return beyond < segments * SEGMENT_SLACK_MS;
  }

  /**
   * Some SBCs (Sonus among them) move the timestamp with each packet of one event. Told from a second
   * press of the same key by what a second press cannot have: no marker, the very next sequence
   * numbers, and a step too short for a tone and a pause.
   */
  #hasMoved(received: ReceivedBlock, step: number): boolean {
    const { packet, sequenceStep, block } = received;
    if (packet.marker || sequenceStep > MOVING_MAX_STEP) return false;
    if (this.ended && !block.end) return false;
    return this.#toMs(step) <= sequenceStep * MOVING_STEP_MS;
  }

  #toMs(units: number): number {
    return (units * 1000) / this.#timestampClockRate;
  }
}

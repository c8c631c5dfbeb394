import type { Clock } from '../../kernel/clock.js';
import type { EventStream } from '../dtmf/event-stream.js';
import {
  markerOf,
  RTP_HEADER_BYTES,
  sequenceDistance,
  sequenceOf,
  ssrcOf,
  timestampDistance,
  timestampOf,
  writeHeader,
  type RtpHeader,
} from './rtp-packet.js';

/** RFC 3389 section 4. */
const COMFORT_NOISE = 13;
/** A step of the source beyond this is a restart, not loss: the receiver is not shown it. */
const MAX_SEQUENCE_STEP = 100;
/** Timestamps and arrival times may disagree by this much before the timestamps count as restarted. */
const MAX_TIMESTAMP_DRIFT_SECONDS = 1;

export interface OutgoingStreamOptions {
  clock: Clock;
  ssrc: number;
  /** First sequence number and timestamp, random (RFC 3550 section 5.1). */
  firstSequence: number;
  firstTimestamp: number;
  to: PacketSender;
}

/** Takes what a stream sends. MUST NOT throw. */
export interface PacketSender {
  /** The packet `buffer[start, end)`; may keep the buffer. */
  sendRtp(buffer: Buffer, start: number, end: number): void;
}

/** Of the packet in hand. */
const header: RtpHeader = { marker: false, payloadType: 0, sequence: 0, timestamp: 0, ssrc: 0 };

/**
 * The one RTP stream that a leg gets from us, whatever feeds it: own SSRC, sequence numbers without
 * jumps, timestamps that run on. Losses and reordering of the source stay visible as gaps; packets
 * that we drop or insert on purpose leave none.
 */
export class OutgoingStream implements EventStream {
  readonly ssrc: number;
  /** The one before the first packet's. */
  readonly firstSequence: number;
  /** Payload type under which the leg takes the audio. */
  audioPayloadType = 0;
  /** Payload type of telephone-event towards the leg. */
  eventPayloadType = 0;
  clockRate = 8000;
  eventClockRate = 8000;
  /** How long a packet of audio lasts, ms. */
  packetMs = 20;
  packets = 0;
  /** Payload bytes, for sender reports. */
  octets = 0;
  readonly #to: PacketSender;
  #sequence: number;
  #timestamp: number;
  /** Payload bytes of the packet of audio that #timestamp is of. */
  #audioBytes = 0;
  /** Clock.monotonic at which #timestamp was sent. */
  #sentAt: number;
  #sourceSsrc = -1;
  #sourceSequence = 0;
  #sourceTimestamp = 0;
  /** Source sequence below which packets came too late for what was sent since. */
  #sourceBase = 0;
  #sequenceOffset = 0;
  #timestampOffset = 0;
  #rejoin = true;
  /** Timestamp at which the event that was sent last is over. */
  #eventEnd: number | undefined;
  #inNoise = false;
  /** The next audio that is sent carries the marker, also when the packet that had it was left out (RFC 3551 section 4.1). */
  #beginsTalkspurt = false;

  constructor(options: OutgoingStreamOptions) {
    this.ssrc = options.ssrc;
    this.#to = options.to;
    this.firstSequence = options.firstSequence;
    this.#sequence = options.firstSequence;
    this.#timestamp = options.firstTimestamp;
    this.#sentAt = options.clock.monotonic();
  }

  /**
   * Rewrites the header of an audio packet in place and sends it.
   * @param payload where the payload starts and ends in `packet`
   */
  forward(packet: Buffer, payload: { start: number; end: number }, now: number): void {
    const sequence = sequenceOf(packet);
    const timestamp = timestampOf(packet);
    const ssrc = ssrcOf(packet);
    if (ssrc !== this.#sourceSsrc) {
      this.#join(sequence, timestamp, now);
      this.#sourceSsrc = ssrc;
      this.#beginsTalkspurt = true;
    } else if (!this.#follow(sequence, timestamp, now)) return;
    if (markerOf(packet)) this.#beginsTalkspurt = true;
    header.ssrc = this.ssrc;
    header.marker = this.#beginsTalkspurt && !this.#inNoise;
    header.payloadType = this.#inNoise ? COMFORT_NOISE : this.audioPayloadType;
    header.sequence = (sequence + this.#sequenceOffset) & 0xffff;
    header.timestamp = (timestamp + this.#timestampOffset) >>> 0;
    if (this.#isWithinEvent(header.timestamp)) {
      this.#rejoin = true;
      return;
    }
    if (sequenceDistance(header.sequence, this.#sequence) > 0) {
      this.#sequence = header.sequence;
      this.#timestamp = header.timestamp;
      this.#audioBytes = payload.end - payload.start;
      this.#sentAt = now;
      this.#sourceSequence = sequence;
      this.#sourceTimestamp = timestamp;
    }
    if (header.marker) this.#beginsTalkspurt = false;
    const start = payload.start - RTP_HEADER_BYTES;
    writeHeader(packet, start, header);
    this.packets += 1;
    this.octets += payload.end - payload.start;
    this.#to.sendRtp(packet, start, payload.end);
  }

  /** Comfort noise, which a source numbers among its audio; it begins no talkspurt (RFC 3389 section 4). */
  forwardNoise(packet: Buffer, payload: { start: number; end: number }, now: number): void {
    this.#inNoise = true;
    this.forward(packet, payload, now);
    this.#inNoise = false;
  }

  /** Another codec may come with another clock: the source then joins anew, from the time that passed. */
  setClocks(clockRate: number, eventClockRate: number, now: number): void {
    this.eventClockRate = eventClockRate;
    if (clockRate === this.clockRate) return;
    this.#timestamp = this.currentTimestamp(now);
    this.#sentAt = now;
    this.clockRate = clockRate;
    this.#sourceSsrc = -1;
  }

  /** Tells that a packet of the source was not forwarded on purpose: the next one closes the gap. */
  skip(): void {
    this.#rejoin = true;
  }

  /** True once anything was sent. */
  get started(): boolean {
    return this.packets > 0;
  }

  currentTimestamp(now: number): number {
    return (this.#timestamp + this.#elapsedUnits(now)) >>> 0;
  }

  sendEvent(timestamp: number, marker: boolean, payload: Uint8Array): void {
    const duration = ((payload[2] ?? 0) << 8) | (payload[3] ?? 0);
    this.#eventEnd = timestamp + Math.round((duration * this.clockRate) / this.eventClockRate);
    this.#insert({ payloadType: this.eventPayloadType, timestamp, marker }, payload);
  }

  /** Of G.711, where a byte is a sample: like currentTimestamp(), but not before the audio that was sent last is over. */
  freeTimestamp(now: number): number {
    const current = this.currentTimestamp(now);
    const end = (this.#timestamp + this.#audioBytes) >>> 0;
    return timestampDistance(end, current) > 0 ? end : current;
  }

  /** Sends one packet of G.711 that no source sent, as sendEvent() does. */
  sendAudio(timestamp: number, payload: Uint8Array): void {
    this.#eventEnd = (timestamp + payload.length) >>> 0;
    this.#insert({ payloadType: this.audioPayloadType, timestamp, marker: false }, payload);
  }

  /** Audio that was held up on the way and belongs to the time of an event: the event stands in its place (RFC 4733 section 2.1). */
  #isWithinEvent(timestamp: number): boolean {
    if (this.#eventEnd === undefined) return false;
    const ahead = timestampDistance(timestamp, this.#eventEnd);
    if (ahead >= 0) this.#eventEnd = undefined;
    return ahead < 0;
  }

  #insert(
    { payloadType, timestamp, marker }: Pick<RtpHeader, 'payloadType' | 'timestamp' | 'marker'>,
    payload: Uint8Array,
  ): void {
    const packet = Buffer.allocUnsafe(RTP_HEADER_BYTES + payload.length);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    header.ssrc = this.ssrc;
    header.marker = marker;
    header.payloadType = payloadType;
    header.sequence = this.#sequence;
    header.timestamp = timestamp;
    writeHeader(packet, 0, header);
    packet.set(payload, RTP_HEADER_BYTES);
    this.packets += 1;
    this.octets += payload.length;
    this.#rejoin = true;
    this.#to.sendRtp(packet, 0, packet.length);
  }

  /** The source goes on: false when the packet came too late to be placed. */
  #follow(sequence: number, timestamp: number, now: number): boolean {
    const step = sequenceDistance(sequence, this.#sourceSequence);
    if (this.#rejoin || Math.abs(step) > MAX_SEQUENCE_STEP) {
      if (step <= 0 && step >= -MAX_SEQUENCE_STEP) return false;
      this.#rejoinAt(sequence);
      this.#checkTimestamp(timestamp, now);
      return true;
    }
    if (step > 0) this.#checkTimestamp(timestamp, now);
    return step > 0 || sequenceDistance(sequence, this.#sourceBase) >= 0;
  }

  /** A new source: its timestamps are laid onto ours by the time that passed since the last packet. */
  #join(sequence: number, timestamp: number, now: number): void {
    this.#rejoinAt(sequence);
    this.#alignTimestamp(timestamp, now);
    // Also when this packet is not sent: the next ones are measured by it, and not by another source's.
    this.#sourceSequence = sequence;
    this.#sourceTimestamp = timestamp;
  }

  #rejoinAt(sequence: number): void {
    this.#sequenceOffset = (this.#sequence + 1 - sequence) & 0xffff;
    this.#sourceBase = sequence;
    this.#rejoin = false;
  }

  #checkTimestamp(timestamp: number, now: number): void {
    const moved = timestampDistance(timestamp, this.#sourceTimestamp);
    const drift = Math.abs(moved - this.#elapsedUnits(now));
    if (drift > this.clockRate * MAX_TIMESTAMP_DRIFT_SECONDS) this.#alignTimestamp(timestamp, now);
  }

  #alignTimestamp(timestamp: number, now: number): void {
    // At least a packet further on.
    const packet = (this.clockRate * this.packetMs) / 1000;
    const units = Math.max(this.#elapsedUnits(now), packet);
    this.#timestampOffset = (this.#timestamp + (this.started ? units : 0) - timestamp) | 0;
  }

  #elapsedUnits(now: number): number {
    return Math.max(0, Math.round(((now - this.#sentAt) * this.clockRate) / 1000));
  }
}

import type { Clock } from '../../kernel/clock.js';
import type { OutgoingStream } from './outgoing-stream.js';
import type { Reception } from './reception.js';
import {
  ntpMiddle,
  readRtcp,
  writeReport,
  type ReportBlock,
  type RtcpVisitor,
} from './rtcp-packet.js';

const CNAME = 'copperline';
/** A delay or round trip beyond this is a broken report. */
const MAX_ROUND_TRIP_MS = 60_000;

export interface RtcpSessionOptions {
  clock: Clock;
  /** What we send to the leg. */
  stream: OutgoingStream;
  /** What we get from the leg. */
  reception: Reception;
}

/** Our stream as the leg says that it arrives. */
export interface HeardByPeer {
  /** Packets since its beginning; negative when some came twice. */
  lost: number;
  highestSequence: number;
  jitterMs: number;
  /** Sequence numbers that the stream had used up by then: those that it left out for what it lacked itself are lost to the leg too. */
  expected: number;
}

/**
 * RTCP with one leg. Reports are made from our own counters and read for the round trip; none is ever
 * passed on, since the streams of the two legs have nothing in common.
 */
export class RtcpSession implements RtcpVisitor {
  roundTripMs: number | undefined;
  /** Undefined until the peer reported on our stream. */
  heardByPeer: HeardByPeer | undefined;
  readonly #options: RtcpSessionOptions;
  #lastSenderReport = 0;
  #lastSenderReportAt = 0;
  #packetsReported = 0;

  constructor(options: RtcpSessionOptions) {
    this.#options = options;
  }

  /** The compound packet to send now; undefined while there is nothing to report. */
  report(): Buffer | undefined {
    const { clock, stream, reception } = this.#options;
    const sent = stream.packets !== this.#packetsReported;
    if (!sent && !reception.started) return undefined;
    const now = clock.monotonic();
    this.#packetsReported = stream.packets;
    const known = this.#lastSenderReport !== 0;
    return writeReport({
      ssrc: stream.ssrc,
      cname: CNAME,
      sender: sent
        ? {
            now: clock.now(),
            rtpTimestamp: stream.currentTimestamp(now),
            packets: stream.packets,
            octets: stream.octets,
          }
        : undefined,
      reception: reception.started ? reception.report() : undefined,
      lastSenderReport: this.#lastSenderReport,
      delaySinceLastSenderReport: known
        ? Math.round(((now - this.#lastSenderReportAt) * 65_536) / 1000)
        : 0,
    });
  }

  /** @returns false when the packet cannot be read */
  receive(packet: Buffer): boolean {
    return readRtcp(packet, this);
  }

  senderReport(_ssrc: number, ntpMiddleBits: number): void {
    this.#lastSenderReport = ntpMiddleBits;
    this.#lastSenderReportAt = this.#options.clock.monotonic();
  }

  reportBlock(block: ReportBlock): void {
    const { stream } = this.#options;
    if (block.ssrc !== stream.ssrc) return;
    this.heardByPeer = {
      lost: block.cumulativeLost,
      highestSequence: block.highestSequence,
      jitterMs: (block.jitter * 1000) / stream.clockRate,
      expected: block.highestSequence - stream.firstSequence,
    };
    const { lastSenderReport, delay } = block;
    if (lastSenderReport === 0) return;
    // RFC 3550 section 6.4.1: arrival - LSR - DLSR, in 1/65536 s modulo 2^32.
    const units = (ntpMiddle(this.#options.clock.now()) - lastSenderReport - delay) | 0;
    const milliseconds = (units * 1000) / 65_536;
    if (milliseconds > MAX_ROUND_TRIP_MS || milliseconds < -1000) return;
    this.roundTripMs = Math.max(0, milliseconds);
  }
}

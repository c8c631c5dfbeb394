import { payloadOffset, sequenceOf, ssrcOf } from '../rtp/rtp-packet.js';
import { createTransform } from './create-transform.js';
import { ReplayWindow, RolloverCounter } from './packet-index.js';
import {
  MAX_PACKET_BYTES,
  RTCP_HEADER_BYTES,
  type PacketPlace,
  type PacketTransform,
} from './packet-transform.js';
import type { SrtpKey } from './srtp-suite.js';

const MAX_RTCP_INDEX = 0x7fff_ffff;

/** Of the packet in hand. */
const place: PacketPlace = {
  ...{ header: 0, end: 0, ssrc: 0, rollover: 0, sequence: 0, rtcpIndex: 0 },
};

/** Protects the one stream that is sent under a key, and the reports about it. */
export class SrtpSender {
  readonly #transform: PacketTransform;
  readonly #rollover = new RolloverCounter();
  readonly #sent = new ReplayWindow();
  #rtcpIndex = 0;

  constructor(key: SrtpKey) {
    this.#transform = createTransform(key);
  }

  /**
   * The packet `buffer[start, end)` under protection, as a new buffer. Undefined for a sequence number that was sent before: two
   * packets under one number would give both away (RFC 3711 section 9.1); and for what is no RTP packet, or too long for UDP.
   */
  rtp(buffer: Buffer, start: number, end: number): Buffer | undefined {
    const length = end - start;
    const size = length + this.#transform.rtpGrowth;
    if (size > MAX_PACKET_BYTES) return undefined;
    const packet = Buffer.allocUnsafe(size);
    packet.set(length === buffer.length ? buffer : buffer.subarray(start, end));
    place.header = payloadOffset(packet, length);
    place.end = length;
    place.ssrc = ssrcOf(packet);
    place.sequence = sequenceOf(packet);
    place.rollover = this.#rollover.of(place.sequence);
    const index = place.rollover * 65_536 + place.sequence;
    if (place.header < 0 || place.rollover < 0 || !this.#sent.isNew(index)) return undefined;
    this.#sent.add(index);
    this.#rollover.accept(place.rollover, place.sequence);
    this.#transform.sealRtp(packet, place);
    return packet;
  }

  rtcp(report: Buffer): Buffer {
    const packet = Buffer.allocUnsafe(report.length + this.#transform.rtcpGrowth);
    report.copy(packet);
    place.header = RTCP_HEADER_BYTES;
    place.end = report.length;
    place.ssrc = packet.readUInt32BE(4);
    place.rtcpIndex = this.#rtcpIndex;
    this.#rtcpIndex = (this.#rtcpIndex + 1) & MAX_RTCP_INDEX;
    this.#transform.sealRtcp(packet, place);
    return packet;
  }
}

import { payloadOffset, RTP_HEADER_BYTES, sequenceOf, ssrcOf } from '../rtp/rtp-packet.js';
import { createTransform } from './create-transform.js';
import { ReplayWindow, RolloverCounter } from './packet-index.js';
import {
  MAX_PACKET_BYTES,
  RTCP_HEADER_BYTES,
  RTCP_INDEX_BYTES,
  type PacketPlace,
  type PacketTransform,
} from './packet-transform.js';
import { SRTP_SUITES, type SrtpKey } from './srtp-suite.js';

interface Stream {
  ssrc: number;
  rollover: RolloverCounter;
  seen: ReplayWindow;
  reports: ReplayWindow;
}

/** Only who has the key can make one; a peer that makes more has those forgotten that were silent for longest. */
const MAX_STREAMS = 16;
/** Of the sequence numbers: a wrap lies not far behind these. */
const FIRST_HALF = 0x8000;
const INDEX_MASK = 0x7fff_ffff;

/** Of the packet in hand. */
const place: PacketPlace = {
  ...{ header: 0, end: 0, ssrc: 0, rollover: 0, sequence: 0, rtcpIndex: 0 },
};

/** Opens what a peer sends under one key: authentic packets, each once. */
export class SrtpReceiver {
  readonly #transform: PacketTransform;
  readonly #isGcm: boolean;
  readonly #streams = new Map<number, Stream>();
  /** The stream that was heard last: mostly there is no other. */
  #current: Stream | undefined;
  #before: SrtpReceiver | undefined;

  /**
   * @param before the receiver under the peer's last key, of use until the first packet under the new one: some peers start anew
   *   with a new key, some count on
   */
  constructor(key: SrtpKey, before?: SrtpReceiver) {
    this.#transform = createTransform(key);
    this.#isGcm = SRTP_SUITES[key.suite].kind === 'gcm';
    this.#before = before;
    if (before !== undefined) before.#before = undefined;
  }

  /** The packet without protection, in the same memory; undefined when it is not authentic or came before. */
  rtp(packet: Buffer): Buffer | undefined {
    const end = packet.length - this.#transform.rtpGrowth;
    if (end < RTP_HEADER_BYTES || packet.length > MAX_PACKET_BYTES) return undefined;
    place.header = payloadOffset(packet, end);
    if (place.header < 0) return undefined;
    place.end = end;
    place.ssrc = ssrcOf(packet);
    place.sequence = sequenceOf(packet);
    const current = this.#current;
    if (current?.ssrc === place.ssrc) return this.#openRtp(packet, current);
    const known = this.#streams.get(place.ssrc);
    if (known?.rollover.started === true) return this.#openRtp(packet, known);
    return this.#openFirst(packet, known?.reports);
  }

  rtcp(packet: Buffer): Buffer | undefined {
    const end = packet.length - this.#transform.rtcpGrowth;
    if (end < RTCP_HEADER_BYTES || packet.length > MAX_PACKET_BYTES) return undefined;
    place.header = RTCP_HEADER_BYTES;
    place.end = end;
    place.ssrc = packet.readUInt32BE(4);
    // Behind the tag with GCM (RFC 7714 section 9.2), before it otherwise.
    const at = this.#isGcm ? packet.length - RTCP_INDEX_BYTES : end;
    place.rtcpIndex = packet.readUInt32BE(at) & INDEX_MASK;
    const stream = this.#streams.get(place.ssrc);
    if (stream?.reports.isNew(place.rtcpIndex) === false) return undefined;
    if (!this.#transform.openRtcp(packet, place)) return undefined;
    (stream ?? this.#remember(place.ssrc, newStream(place.ssrc, 0))).reports.add(place.rtcpIndex);
    return packet.subarray(0, end);
  }

  /**
   * The first packet of a source: its counter may be that which it had under the last key. It may be one further, when the source began
   * right before a wrap and what came before it was lost: no later packet would fit then, so this one is worth a second look.
   */
  #openFirst(packet: Buffer, reports: ReplayWindow | undefined): Buffer | undefined {
    const ssrc = place.ssrc;
    const last = this.#before?.rolloverOf(ssrc) ?? 0;
    const wrapped = place.sequence < FIRST_HALF ? [last + 1] : [];
    for (const counter of last === 0 ? [0, ...wrapped] : [last, 0, ...wrapped]) {
      const stream = newStream(ssrc, counter, reports);
      const opened = this.#openRtp(packet, stream);
      if (opened === undefined) continue;
      this.#remember(ssrc, stream);
      this.#before = undefined;
      return opened;
    }
    // Packets of the last key may still be on their way.
    return this.#before?.rtp(packet);
  }

  rolloverOf(ssrc: number): number | undefined {
    return this.#streams.get(ssrc)?.rollover.value;
  }

  #openRtp(packet: Buffer, stream: Stream): Buffer | undefined {
    const { rollover, seen } = stream;
    place.rollover = rollover.of(place.sequence);
    const index = place.rollover * 65_536 + place.sequence;
    if (place.rollover < 0 || !seen.isNew(index)) return undefined;
    if (!this.#transform.openRtp(packet, place)) return undefined;
    seen.add(index);
    rollover.accept(place.rollover, place.sequence);
    if (stream !== this.#current) this.#turnTo(stream);
    return packet.subarray(0, place.end);
  }

  /** The last in the map was heard last. */
  #turnTo(stream: Stream): void {
    this.#current = stream;
    if (this.#streams.delete(stream.ssrc)) this.#streams.set(stream.ssrc, stream);
  }

  #remember(ssrc: number, stream: Stream): Stream {
    const [oldest] = this.#streams.keys();
    if (this.#streams.size >= MAX_STREAMS && oldest !== undefined) this.#streams.delete(oldest);
    this.#streams.set(ssrc, stream);
    return stream;
  }
}

function newStream(ssrc: number, rollover: number, reports = new ReplayWindow()): Stream {
  return { ssrc, rollover: new RolloverCounter(rollover), seen: new ReplayWindow(), reports };
}

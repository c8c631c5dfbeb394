import { applyKeyStream, blocksIn, KeyStream } from './key-stream.js';
import {
  ENCRYPTED_FLAG,
  RTCP_INDEX_BYTES,
  type PacketPlace,
  type PacketTransform,
} from './packet-transform.js';
import { PacketTag } from './packet-tag.js';
import { RunningKeyStream } from './running-key-stream.js';
import type { TransformKeys } from './session-keys.js';

const RTCP_TAG_BYTES = 10;

/** AES in counter mode with HMAC-SHA1 (RFC 3711 sections 4.1.1 and 4.2.1). */
export class CounterTransform implements PacketTransform {
  readonly rtpGrowth: number;
  readonly rtcpGrowth = RTCP_TAG_BYTES + RTCP_INDEX_BYTES;
  readonly #rtpStream: RunningKeyStream;
  readonly #rtcpStream: KeyStream;
  readonly #rtpTag: PacketTag;
  readonly #rtcpTag: PacketTag;

  /** @param tagBytes of SRTP */
  constructor({ rtp, rtcp }: TransformKeys, tagBytes: number) {
    this.rtpGrowth = tagBytes;
    this.#rtpStream = new RunningKeyStream(new KeyStream(rtp));
    this.#rtcpStream = new KeyStream(rtcp);
    this.#rtpTag = new PacketTag(rtp.authentication, { bytes: tagBytes, distance: 0 });
    this.#rtcpTag = new PacketTag(rtcp.authentication, {
      bytes: RTCP_TAG_BYTES,
      distance: RTCP_INDEX_BYTES,
    });
  }

  sealRtp(packet: Buffer, place: PacketPlace): void {
    this.#rtpStream.apply(packet, place);
    this.#rtpTag.write(packet, place.end, place.rollover);
  }

  openRtp(packet: Buffer, place: PacketPlace): boolean {
    if (!this.#rtpTag.matches(packet, place.end, place.rollover)) return false;
    this.#rtpStream.apply(packet, place);
    return true;
  }

  sealRtcp(packet: Buffer, place: PacketPlace): void {
    const word = (ENCRYPTED_FLAG | place.rtcpIndex) >>> 0;
    this.#applyRtcp(packet, place);
    packet.writeUInt32BE(word, place.end);
    this.#rtcpTag.write(packet, place.end, word);
  }

  openRtcp(packet: Buffer, place: PacketPlace): boolean {
    const word = packet.readUInt32BE(place.end);
    if (!this.#rtcpTag.matches(packet, place.end, word)) return false;
    if (word >= ENCRYPTED_FLAG) this.#applyRtcp(packet, place);
    return true;
  }

  /** The index of 48 bits is that of 31 bits here (RFC 3711 section 3.4). */
  #applyRtcp(packet: Buffer, place: PacketPlace): void {
    const blocks = blocksIn(place.end - place.header);
    const run = { ssrc: place.ssrc, first: place.rtcpIndex, packets: 1, blocks };
    applyKeyStream(packet, place, { bytes: this.#rtcpStream.make(run), block: 0 });
  }
}

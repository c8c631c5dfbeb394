import { createCipheriv, createHmac, timingSafeEqual, type Cipher } from 'node:crypto';
import {
  ENCRYPTED_FLAG,
  RTCP_INDEX_BYTES,
  type PacketPlace,
  type PacketTransform,
} from './packet-transform.js';
import type { SessionKeys, TransformKeys } from './session-keys.js';

const BLOCK_BYTES = 16;
const RTCP_TAG_BYTES = 10;
/** The longest packet that UDP carries on an Ethernet; longer ones make the scratch grow. */
const SCRATCH_BYTES = 1504;

/** AES in counter mode with HMAC-SHA1 (RFC 3711 sections 4.1.1 and 4.2.1). */
export class CounterTransform implements PacketTransform {
  readonly rtpGrowth: number;
  readonly rtcpGrowth = RTCP_TAG_BYTES + RTCP_INDEX_BYTES;
  readonly #tagBytes: number;
  readonly #rtp: KeyStream;
  readonly #rtcp: KeyStream;
  readonly #rtpKeys: SessionKeys;
  readonly #rtcpKeys: SessionKeys;
  readonly #rollover = Buffer.alloc(4);

  /** @param tagBytes of SRTP */
  constructor(keys: TransformKeys, tagBytes: number) {
    this.#tagBytes = tagBytes;
    this.rtpGrowth = tagBytes;
    this.#rtpKeys = keys.rtp;
    this.#rtcpKeys = keys.rtcp;
    this.#rtp = new KeyStream(keys.rtp);
    this.#rtcp = new KeyStream(keys.rtcp);
  }

  sealRtp(packet: Buffer, place: PacketPlace): void {
    this.#rtp.apply(packet, place, { high: place.rollover, low: place.sequence << 16 });
    this.#rtpTag(packet, place).copy(packet, place.end, 0, this.#tagBytes);
  }

  openRtp(packet: Buffer, place: PacketPlace): boolean {
    const tag = packet.subarray(place.end, place.end + this.#tagBytes);
    if (!timingSafeEqual(this.#rtpTag(packet, place).subarray(0, this.#tagBytes), tag))
      return false;
    this.#rtp.apply(packet, place, { high: place.rollover, low: place.sequence << 16 });
    return true;
  }

  sealRtcp(packet: Buffer, place: PacketPlace): void {
    this.#applyRtcp(packet, place);
    packet.writeUInt32BE((ENCRYPTED_FLAG | place.rtcpIndex) >>> 0, place.end);
    this.#rtcpTag(packet, place).copy(packet, place.end + RTCP_INDEX_BYTES, 0, RTCP_TAG_BYTES);
  }

  openRtcp(packet: Buffer, place: PacketPlace): boolean {
    const at = place.end + RTCP_INDEX_BYTES;
    const tag = packet.subarray(at, at + RTCP_TAG_BYTES);
    if (!timingSafeEqual(this.#rtcpTag(packet, place).subarray(0, RTCP_TAG_BYTES), tag))
      return false;
    if (packet.readUInt32BE(place.end) >= ENCRYPTED_FLAG) this.#applyRtcp(packet, place);
    return true;
  }

  /** The index of 48 bits is that of 31 bits here (RFC 3711 section 3.4). */
  #applyRtcp(packet: Buffer, place: PacketPlace): void {
    const { rtcpIndex } = place;
    this.#rtcp.apply(packet, place, { high: rtcpIndex >>> 16, low: (rtcpIndex & 0xffff) << 16 });
  }

  #rtpTag(packet: Buffer, { end, rollover }: PacketPlace): Buffer {
    this.#rollover.writeUInt32BE(rollover >>> 0, 0);
    return createHmac('sha1', this.#rtpKeys.authentication)
      .update(packet.subarray(0, end))
      .update(this.#rollover)
      .digest();
  }

  #rtcpTag(packet: Buffer, { end }: PacketPlace): Buffer {
    return createHmac('sha1', this.#rtcpKeys.authentication)
      .update(packet.subarray(0, end + RTCP_INDEX_BYTES))
      .digest();
  }
}

/**
 * The key stream of counter mode, made by encrypting the counters themselves: one cipher serves all packets, where one in counter
 * mode would have to be set up for each, which costs more than the encryption.
 */
class KeyStream {
  readonly #cipher: Cipher;
  readonly #salt: Buffer;
  #counters = Buffer.alloc(SCRATCH_BYTES);

  constructor({ encryption, salt }: SessionKeys) {
    this.#cipher = createCipheriv('aes-128-ecb', encryption, null).setAutoPadding(false);
    this.#salt = salt;
  }

  /** Encrypts or decrypts. `index`: its upper 32 bits, and its lower 16 bits followed by 16 zeros. */
  apply(packet: Buffer, place: PacketPlace, index: { high: number; low: number }): void {
    const { header, end, ssrc } = place;
    const length = end - header;
    const blocks = Math.ceil(length / BLOCK_BYTES);
    if (this.#counters.length < blocks * BLOCK_BYTES) {
      this.#counters = Buffer.alloc(blocks * BLOCK_BYTES);
    }
    const counters = this.#counters;
    const salt = this.#salt;
    const words = [
      salt.readUInt32BE(0),
      salt.readUInt32BE(4) ^ ssrc,
      salt.readUInt32BE(8) ^ index.high,
      (salt.readUInt16BE(12) << 16) ^ index.low,
    ] as const;
    for (let block = 0; block < blocks; block += 1) {
      const at = block * BLOCK_BYTES;
      counters.writeInt32BE(words[0] | 0, at);
      counters.writeInt32BE(words[1], at + 4);
      counters.writeInt32BE(words[2], at + 8);
      counters.writeInt32BE(words[3] | block, at + 12);
    }
    const stream = this.#cipher.update(counters.subarray(0, blocks * BLOCK_BYTES));
    for (let at = 0; at < length; at += 1) {
      packet[header + at] = (packet[header + at] ?? 0) ^ (stream[at] ?? 0);
    }
  }
}

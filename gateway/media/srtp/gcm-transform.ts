import { createCipheriv, createDecipheriv, type CipherGCMTypes } from 'node:crypto';
import {
  ENCRYPTED_FLAG,
  RTCP_INDEX_BYTES,
  type PacketPlace,
  type PacketTransform,
} from './packet-transform.js';
import type { SessionKeys, TransformKeys } from './session-keys.js';

const TAG_BYTES = 16;
const NONCE_BYTES = 12;

/** AES in Galois/counter mode (RFC 7714): encryption and authentication in one. */
export class GcmTransform implements PacketTransform {
  readonly rtpGrowth = TAG_BYTES;
  readonly rtcpGrowth = TAG_BYTES + RTCP_INDEX_BYTES;
  readonly #cipher: CipherGCMTypes;
  readonly #rtp: SessionKeys;
  readonly #rtcp: SessionKeys;
  readonly #nonce = Buffer.alloc(NONCE_BYTES);
  readonly #index = Buffer.alloc(RTCP_INDEX_BYTES);

  constructor(keys: TransformKeys) {
    this.#cipher = keys.rtp.encryption.length === 32 ? 'aes-256-gcm' : 'aes-128-gcm';
    this.#rtp = keys.rtp;
    this.#rtcp = keys.rtcp;
  }

  sealRtp(packet: Buffer, place: PacketPlace): void {
    const cipher = createCipheriv(this.#cipher, this.#rtp.encryption, this.#rtpNonce(place));
    cipher.setAAD(packet.subarray(0, place.header));
    packet.set(cipher.update(packet.subarray(place.header, place.end)), place.header);
    cipher.final();
    packet.set(cipher.getAuthTag(), place.end);
  }

  openRtp(packet: Buffer, place: PacketPlace): boolean {
    const nonce = this.#rtpNonce(place);
    const decipher = createDecipheriv(this.#cipher, this.#rtp.encryption, nonce);
    decipher.setAAD(packet.subarray(0, place.header));
    decipher.setAuthTag(packet.subarray(place.end, place.end + TAG_BYTES));
    const plain = decipher.update(packet.subarray(place.header, place.end));
    if (!isAuthentic(decipher)) return false;
    packet.set(plain, place.header);
    return true;
  }

  sealRtcp(packet: Buffer, place: PacketPlace): void {
    const { header, end, rtcpIndex } = place;
    const cipher = createCipheriv(this.#cipher, this.#rtcp.encryption, this.#rtcpNonce(place));
    this.#index.writeUInt32BE((ENCRYPTED_FLAG | rtcpIndex) >>> 0, 0);
    cipher.setAAD(Buffer.concat([packet.subarray(0, header), this.#index]));
    packet.set(cipher.update(packet.subarray(header, end)), header);
    cipher.final();
    packet.set(cipher.getAuthTag(), end);
    this.#index.copy(packet, end + TAG_BYTES);
  }

  /** What is authenticated alone (RFC 7714 section 9.3) is all that comes before the tag. */
  openRtcp(packet: Buffer, place: PacketPlace): boolean {
    const { end } = place;
    const index = packet.subarray(end + TAG_BYTES, end + TAG_BYTES + RTCP_INDEX_BYTES);
    const encrypted = index.readUInt32BE(0) >= ENCRYPTED_FLAG;
    const header = encrypted ? place.header : end;
    const nonce = this.#rtcpNonce(place);
    const decipher = createDecipheriv(this.#cipher, this.#rtcp.encryption, nonce);
    decipher.setAAD(Buffer.concat([packet.subarray(0, header), index]));
    decipher.setAuthTag(packet.subarray(end, end + TAG_BYTES));
    const plain = decipher.update(packet.subarray(header, end));
    if (!isAuthentic(decipher)) return false;
    packet.set(plain, header);
    return true;
  }

  /** RFC 7714 section 8.1: 16 zeros, SSRC, rollover counter, sequence number; over that the salt. */
  #rtpNonce({ ssrc, rollover, sequence }: PacketPlace): Buffer {
    const nonce = this.#nonce;
    nonce.writeUInt16BE(0, 0);
    nonce.writeUInt32BE(ssrc >>> 0, 2);
    nonce.writeUInt32BE(rollover >>> 0, 6);
    nonce.writeUInt16BE(sequence, 10);
    return salted(nonce, this.#rtp.salt);
  }

  /** RFC 7714 section 9.1: 16 zeros, SSRC, 16 zeros, index. */
  #rtcpNonce({ ssrc, rtcpIndex }: PacketPlace): Buffer {
    const nonce = this.#nonce;
    nonce.writeUInt16BE(0, 0);
    nonce.writeUInt32BE(ssrc >>> 0, 2);
    nonce.writeUInt16BE(0, 6);
    nonce.writeUInt32BE(rtcpIndex, 8);
    return salted(nonce, this.#rtcp.salt);
  }
}

function salted(nonce: Buffer, salt: Buffer): Buffer {
  for (let at = 0; at < NONCE_BYTES; at += 1) nonce[at] = (nonce[at] ?? 0) ^ (salt[at] ?? 0);
  return nonce;
}

function isAuthentic(decipher: { final(): Buffer }): boolean {
  try {
    decipher.final();
    return true;
  } catch {
    return false;
  }
}

import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  timingSafeEqual,
  type CipherGCMTypes,
} from 'node:crypto';
import { deriveSessionKeys, type SessionKeys } from '../../gateway/media/srtp/session-keys.js';
import { SRTP_SUITES, type SrtpKey } from '../../gateway/media/srtp/srtp-suite.js';

const HEADER_BYTES = 12;

/** RTP packets with headers of 12 bytes, protected as RFC 3711 and RFC 7714 have it by node:crypto, each for itself. */
export class PlainSrtp {
  readonly #keys: SessionKeys;
  readonly #isGcm: boolean;
  readonly #tagBytes: number;

  constructor(key: SrtpKey) {
    const { kind, tagBytes } = SRTP_SUITES[key.suite];
    this.#keys = deriveSessionKeys(key, 'rtp');
    this.#isGcm = kind === 'gcm';
    this.#tagBytes = tagBytes;
  }

  seal(packet: Buffer, rollover: number): Buffer {
    const header = packet.subarray(0, HEADER_BYTES);
    const payload = packet.subarray(HEADER_BYTES);
    if (this.#isGcm) {
      const { encryption } = this.#keys;
      const cipher = createCipheriv(this.#gcmName(), encryption, this.#nonce(packet, rollover));
      cipher.setAAD(header);
      const sealed = cipher.update(payload);
      cipher.final();
      return Buffer.concat([header, sealed, cipher.getAuthTag()]);
    }
    const sealed = Buffer.concat([header, this.#counter(packet, rollover).update(payload)]);
    return Buffer.concat([sealed, this.#tag(sealed, rollover)]);
  }

  open(packet: Buffer, rollover: number): Buffer | undefined {
    const end = packet.length - this.#tagBytes;
    const header = packet.subarray(0, HEADER_BYTES);
    const payload = packet.subarray(HEADER_BYTES, end);
    const tag = packet.subarray(end);
    if (this.#isGcm) {
      const { encryption } = this.#keys;
      const nonce = this.#nonce(packet, rollover);
      const decipher = createDecipheriv(this.#gcmName(), encryption, nonce);
      decipher.setAAD(header);
      decipher.setAuthTag(tag);
      return Buffer.concat([header, decipher.update(payload), decipher.final()]);
    }
    if (!timingSafeEqual(this.#tag(packet.subarray(0, end), rollover), tag)) return undefined;
    return Buffer.concat([header, this.#counter(packet, rollover).update(payload)]);
  }

  #gcmName(): CipherGCMTypes {
    return this.#keys.encryption.length === 32 ? 'aes-256-gcm' : 'aes-128-gcm';
  }

  /** RFC 3711 section 4.1.1: (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16). */
  #counter(packet: Buffer, rollover: number) {
    return createCipheriv('aes-128-ctr', this.#keys.encryption, this.#salted(packet, rollover, 16));
  }

  /** RFC 7714 section 8.1. */
  #nonce(packet: Buffer, rollover: number): Buffer {
    return this.#salted(packet, rollover, 12);
  }

  #salted(packet: Buffer, rollover: number, bytes: 12 | 16): Buffer {
    const vector = Buffer.alloc(bytes);
    const at = bytes === 16 ? 4 : 2;
    packet.copy(vector, at, 8, 12);
    vector.writeUInt32BE(rollover, at + 4);
    packet.copy(vector, at + 8, 2, 4);
    for (const [index, byte] of this.#keys.salt.entries())
      vector[index] = (vector[index] ?? 0) ^ byte;
    return vector;
  }

  #tag(sealed: Buffer, rollover: number): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(rollover);
    const hmac = createHmac('sha1', this.#keys.authentication).update(sealed).update(counter);
    return hmac.digest().subarray(0, this.#tagBytes);
  }
}

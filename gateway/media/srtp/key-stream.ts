import { createCipheriv, type Cipher } from 'node:crypto';
import type { SessionKeys } from './session-keys.js';

const BLOCK_BYTES = 16;
const SCRATCH_BLOCKS = 256;

/** Counters on their way into a cipher; one for all keys. Longer packets than fit make it grow. */
let counters = new DataView(new ArrayBuffer(SCRATCH_BLOCKS * BLOCK_BYTES));

/** Packets whose indexes follow each other, with the same room for each. */
export interface PacketRun {
  ssrc: number;
  /** Index of the first one: 48 bits of SRTP (RFC 3711 section 3.3.1), 31 bits of SRTCP. */
  first: number;
  packets: number;
  /** Of 16 bytes, for each packet. */
  blocks: number;
}

/**
 * The key stream of counter mode (RFC 3711 section 4.1.1), made by encrypting the counters themselves: one cipher serves all packets,
 * where one in counter mode would have to be set up for each, which costs more than the encryption.
 */
export class KeyStream {
  readonly #cipher: Cipher;
  readonly #salt: readonly [number, number, number, number];

  constructor({ encryption, salt }: SessionKeys) {
    this.#cipher = createCipheriv('aes-128-ecb', encryption, null).setAutoPadding(false);
    const last = salt.readUInt16BE(12) << 16;
    this.#salt = [salt.readInt32BE(0), salt.readInt32BE(4), salt.readInt32BE(8), last];
  }

  /** Of all the packets, end to end. */
  make({ ssrc, first, packets, blocks }: Readonly<PacketRun>): Buffer {
    const length = packets * blocks * BLOCK_BYTES;
    if (counters.byteLength < length) counters = new DataView(new ArrayBuffer(length));
    const [salt0, salt1, salt2, salt3] = this.#salt;
    let at = 0;
    for (let index = first; index < first + packets; index += 1) {
      const high = salt2 ^ (index / 0x1_0000);
      const low = salt3 ^ (index << 16);
      for (let block = 0; block < blocks; block += 1) {
        counters.setInt32(at, salt0);
        counters.setInt32(at + 4, salt1 ^ ssrc);
        counters.setInt32(at + 8, high);
        counters.setInt32(at + 12, low | block);
        at += BLOCK_BYTES;
      }
    }
    return this.#cipher.update(new Uint8Array(counters.buffer, 0, length));
  }
}

export function blocksIn(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES);
}

/** Encrypts or decrypts `packet[header, end)` with a key stream, from that block on. */
export function applyKeyStream(
  packet: Buffer,
  { header, end }: { header: number; end: number },
  stream: { bytes: Buffer; block: number },
): void {
  const { bytes } = stream;
  const shift = stream.block * BLOCK_BYTES - header;
  for (let at = header; at < end; at += 1)
    packet[at] = (packet[at] ?? 0) ^ (bytes[at + shift] ?? 0);
}

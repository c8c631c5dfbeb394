import { _SHA1 } from '@noble/hashes/legacy.js';
import { MAX_PACKET_BYTES } from './packet-transform.js';

const BLOCK_BYTES = 64;
const WORD_BYTES = 4;
const STATE_WORDS = 5;
const DIGEST_BYTES = STATE_WORDS * WORD_BYTES;
/** What SHA-1 puts behind a message: a bit, and the length in bits (RFC 3174 section 4). */
const ENDING_BYTES = 9;
/** RFC 3174 section 6.1. */
const INITIAL = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];

/**
 * SHA-1 block by block, from any state, over memory of its own. The same under update() and digest() makes views and copies for each
 * message, which take as long as the hash of a packet itself.
 */
class Sha1Blocks extends _SHA1 {
  readonly bytes = new Uint8Array(MAX_PACKET_BYTES + 2 * BLOCK_BYTES);
  readonly words = new DataView(this.bytes.buffer);

  /** Hashes the blocks at the beginning of `bytes`, from the state `from[at, at + 5)`, and writes the new one there, as a digest. */
  run(from: readonly number[], at: number, blocks: number): void {
    const [a, b, c, d, e] = [from[at], from[at + 1], from[at + 2], from[at + 3], from[at + 4]];
    this.set(a ?? 0, b ?? 0, c ?? 0, d ?? 0, e ?? 0);
    for (let block = 0; block < blocks; block += 1) this.process(this.words, block * BLOCK_BYTES);
    this.#write(this.get());
  }

  #write([a, b, c, d, e]: readonly [number, number, number, number, number]): void {
    this.words.setInt32(0, a);
    this.words.setInt32(4, b);
    this.words.setInt32(8, c);
    this.words.setInt32(12, d);
    this.words.setInt32(16, e);
  }
}

/** One for all keys: nothing of a packet outlives the call that hashes it. */
const sha1 = new Sha1Blocks();

/** HMAC-SHA1 (RFC 2104) of packets; the two blocks that depend on the key alone are hashed once. */
export class HmacSha1 {
  /**
   * Inner and outer state. With hundreds of streams in turns, what is kept of one has left the caches of the processor before its next
   * packet: an array of small integers lies together, a typed array does not.
   */
  readonly #states: readonly number[];

  /** @param key of at most 64 bytes */
  constructor(key: Uint8Array) {
    this.#states = [...stateBehind(key, 0x36), ...stateBehind(key, 0x5c)];
  }

  /**
   * Of `packet[0, end)` and 32 bits behind it, which is what SRTP and SRTCP authenticate (RFC 3711 section 4.2).
   * @returns the 20 bytes at the beginning of an array, valid until the next call
   */
  digest(packet: Uint8Array, end: number, word: number): Uint8Array {
    sha1.bytes.set(packet);
    sha1.words.setUint32(end, word);
    sha1.run(this.#states, 0, finish(end + WORD_BYTES));
    sha1.run(this.#states, STATE_WORDS, finish(DIGEST_BYTES));
    return sha1.bytes;
  }
}

/** Ends a message of `length` bytes behind the block of the key; returns its number of blocks. */
function finish(length: number): number {
  const blocks = Math.ceil((length + ENDING_BYTES) / BLOCK_BYTES);
  const end = blocks * BLOCK_BYTES;
  sha1.bytes[length] = 0x80;
  sha1.bytes.fill(0, length + 1, end);
  sha1.words.setUint32(end - WORD_BYTES, (BLOCK_BYTES + length) * 8);
  return blocks;
}

function stateBehind(key: Uint8Array, padding: number): number[] {
  sha1.bytes.fill(padding, 0, BLOCK_BYTES);
  for (const [at, byte] of key.entries()) sha1.bytes[at] = byte ^ padding;
  sha1.run(INITIAL, 0, 1);
  return Array.from({ length: STATE_WORDS }, (_, at) => sha1.words.getInt32(at * WORD_BYTES));
}

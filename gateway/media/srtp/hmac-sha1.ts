import { _SHA1 } from '@noble/hashes/legacy.js';
import { MAX_PACKET_BYTES } from './packet-transform.js';

const BLOCK_BYTES = 64;
const WORD_BYTES = 4;
const STATE_WORDS = 5;
const DIGEST_BYTES = STATE_WORDS * WORD_BYTES;
/** What SHA-1 puts behind a message: a bit, and the length in bits (RFC 3174 section 4). */
const ENDING_BYTES = 9;
/** RFC 3174 section 6.1. */
const INITIAL = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);

/**
 * SHA-1 block by block, from any state, over memory of its own. The same under update() and digest() makes views and copies for each
 * message, which take as long as the hash of a packet itself.
 */
class Sha1Blocks extends _SHA1 {
  readonly bytes = new Uint8Array(MAX_PACKET_BYTES + 2 * BLOCK_BYTES);
  readonly words = new DataView(this.bytes.buffer);

  /** Hashes the blocks at the beginning of `bytes`, and writes the state there, where a digest is read. */
  run(from: Int32Array, blocks: number): void {
    this.set(from[0] ?? 0, from[1] ?? 0, from[2] ?? 0, from[3] ?? 0, from[4] ?? 0);
    for (let block = 0; block < blocks; block += 1) this.process(this.words, block * BLOCK_BYTES);
    const [a, b, c, d, e] = this.get();
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
  readonly #inner: Int32Array;
  readonly #outer: Int32Array;

  /** @param key of at most 64 bytes */
  constructor(key: Uint8Array) {
    this.#inner = stateBehind(key, 0x36);
    this.#outer = stateBehind(key, 0x5c);
  }

  /**
   * Of `packet[0, end)` and 32 bits behind it, which is what SRTP and SRTCP authenticate (RFC 3711 section 4.2).
   * @returns the 20 bytes at the beginning of an array, valid until the next call
   */
  digest(packet: Uint8Array, end: number, word: number): Uint8Array {
    sha1.bytes.set(packet);
    sha1.words.setUint32(end, word);
    sha1.run(this.#inner, finish(end + WORD_BYTES));
    sha1.run(this.#outer, finish(DIGEST_BYTES));
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

function stateBehind(key: Uint8Array, padding: number): Int32Array {
  sha1.bytes.fill(padding, 0, BLOCK_BYTES);
  for (const [at, byte] of key.entries()) sha1.bytes[at] = byte ^ padding;
  sha1.run(INITIAL, 1);
  return Int32Array.from({ length: STATE_WORDS }, (_, at) => sha1.words.getInt32(at * WORD_BYTES));
}

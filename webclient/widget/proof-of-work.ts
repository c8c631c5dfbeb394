import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** Some 10 ms of work; then the page may paint. */
const ATTEMPTS_AT_ONCE = 2_000;

/**
 * Finds a text that makes SHA-256 of `SHA-256(challenge) in hex : text` begin with so many zero bits.
 * @throws what the signal was aborted with
 */
export async function solve(challenge: string, bits: number, signal: AbortSignal): Promise<string> {
  const seed = bytesToHex(sha256(utf8ToBytes(challenge)));
  for (let attempt = 0; ; attempt++) {
    const solution = attempt.toString(36);
    if (leadingZeroBits(sha256(utf8ToBytes(`${seed}:${solution}`))) >= bits) return solution;
    if (attempt % ATTEMPTS_AT_ONCE === ATTEMPTS_AT_ONCE - 1) {
      await new Promise((resolve) => setTimeout(resolve));
      signal.throwIfAborted();
    }
  }
}

function leadingZeroBits(digest: Uint8Array): number {
  let bits = 0;
  for (const byte of digest) {
    bits += Math.clz32(byte) - 24;
    if (byte !== 0) break;
  }
  return bits;
}

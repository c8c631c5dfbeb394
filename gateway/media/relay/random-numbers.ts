import { randomBytes } from 'node:crypto';

/** RFC 3550 sections 5.1 and 8: random, and with room before the first wrap, for peers that mishandle it. */
export function newRandomNumbers(): {
  ssrc: number;
  firstSequence: number;
  firstTimestamp: number;
} {
  const bytes = randomBytes(10);
  return {
    ssrc: bytes.readUInt32BE(0),
    firstSequence: bytes.readUInt16BE(4) & 0x7fff,
    firstTimestamp: bytes.readUInt32BE(6) >>> 1,
  };
}

const ICE_CHARS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function iceText(length: number): string {
  return Array.from(randomBytes(length), (byte) => ICE_CHARS[byte & 63]).join('');
}

/** RFC 8839 section 5.4: at least 24 bits in the ufrag, 128 in the password; more where one port serves all. */
export function newIceCredentials(): { ufrag: string; pwd: string } {
  return { ufrag: iceText(12), pwd: iceText(24) };
}

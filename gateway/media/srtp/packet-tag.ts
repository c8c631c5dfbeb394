import { HmacSha1 } from './hmac-sha1.js';

/** The authentication tag of SRTP or SRTCP with HMAC-SHA1 (RFC 3711 section 4.2.1), in the packet. */
export class PacketTag {
  readonly #hmac: HmacSha1;
  readonly #bytes: number;
  readonly #distance: number;

  /** @param shape how many bytes the tag has, and how many lie between the end of the packet and the tag */
  constructor(key: Uint8Array, shape: { bytes: number; distance: number }) {
    this.#hmac = new HmacSha1(key);
    this.#bytes = shape.bytes;
    this.#distance = shape.distance;
  }

  /** @param word authenticated behind `packet[0, end)`: the rollover counter, or the index of SRTCP with its flag */
  write(packet: Buffer, end: number, word: number): void {
    const digest = this.#hmac.digest(packet, end, word);
    const start = end + this.#distance;
    for (let at = 0; at < this.#bytes; at += 1) packet[start + at] = digest[at] ?? 0;
  }

  /** Takes the same time wherever the first difference is. */
  matches(packet: Buffer, end: number, word: number): boolean {
    const digest = this.#hmac.digest(packet, end, word);
    const start = end + this.#distance;
    let difference = 0;
    for (let at = 0; at < this.#bytes; at += 1)
      difference |= (packet[start + at] ?? 0) ^ (digest[at] ?? 0);
    return difference === 0;
  }
}

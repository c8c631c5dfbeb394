import { applyKeyStream, blocksIn, type KeyStream, type PacketRun } from './key-stream.js';
import type { PacketPlace } from './packet-transform.js';

/**
 * What is made at once: 16 packets of 20 ms of G.711, or 5 of 60 ms. A call of the cipher takes 0.7 us for one packet and 1.5 us for all
 * of these; a stream that runs keeps 2.5 kB of them.
 */
const MAX_PACKETS = 16;
const MAX_BLOCKS = 160;

/**
 * The key stream of an RTP stream, made ahead of its packets, whose numbers follow each other. What does not fit in has its own made: a
 * packet that came late, or after a jump, or is longer than those before it.
 */
export class RunningKeyStream {
  readonly #source: KeyStream;
  /** What was made ahead. */
  readonly #ahead: PacketRun = { ssrc: 0, first: 0, packets: 0, blocks: 0 };
  #aheadBytes: Buffer = Buffer.alloc(0);
  readonly #single: PacketRun = { ssrc: 0, first: 0, packets: 1, blocks: 0 };
  readonly #stream = { bytes: this.#aheadBytes, block: 0 };
  /** Index of the packet that is furthest on; negative before the first. */
  #last = -1;
  /** Of the longest packet since #aheadBytes was made. */
  #longest = 0;

  constructor(source: KeyStream) {
    this.#source = source;
  }

  /** Encrypts or decrypts the packet of that place. */
  apply(packet: Buffer, place: Readonly<PacketPlace>): void {
    const index = place.rollover * 0x1_0000 + place.sequence;
    const blocks = blocksIn(place.end - place.header);
    if (place.ssrc !== this.#ahead.ssrc) this.#startAnew(place.ssrc);
    if (blocks > this.#longest) this.#longest = blocks;
    const stream = this.#stream;
    if (this.#holds(index, blocks) || this.#runsOn(index)) {
      stream.bytes = this.#aheadBytes;
      stream.block = (index - this.#ahead.first) * this.#ahead.blocks;
    } else {
      this.#single.ssrc = place.ssrc;
      this.#single.first = index;
      this.#single.blocks = blocks;
      stream.bytes = this.#source.make(this.#single);
      stream.block = 0;
    }
    if (index > this.#last) this.#last = index;
    applyKeyStream(packet, place, stream);
  }

  #startAnew(ssrc: number): void {
    this.#ahead.ssrc = ssrc;
    this.#ahead.packets = 0;
    this.#longest = 0;
    this.#last = -1;
  }

  #holds(index: number, blocks: number): boolean {
    const { first, packets, blocks: room } = this.#ahead;
    return index >= first && index < first + packets && blocks <= room;
  }

  /** Makes the next packets' when this one follows those before it, and another will fit in. */
  #runsOn(index: number): boolean {
    const step = index - this.#last;
    const packets = Math.min(MAX_PACKETS, Math.floor(MAX_BLOCKS / this.#longest));
    if (this.#last < 0 || step < 1 || step > MAX_PACKETS || packets < 2) return false;
    const ahead = this.#ahead;
    ahead.first = index;
    ahead.packets = packets;
    ahead.blocks = this.#longest;
    this.#aheadBytes = this.#source.make(ahead);
    this.#longest = 0;
    return true;
  }
}

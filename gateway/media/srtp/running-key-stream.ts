import { applyKeyStream, blocksIn, type KeyStream, type PacketRun } from './key-stream.js';
import type { PacketPlace } from './packet-transform.js';

/**
 * What is made at once: 16 packets of 20 ms of G.711, or 5 of 60 ms. A call of the cipher takes 0.7 us for one packet and 1.5 us for all
 * of these; a stream that runs keeps 2.5 kB of them.
 */
const MAX_PACKETS = 16;
const MAX_BLOCKS = 160;

/** What is asked for, and what is applied to the packet in hand. */
const wanted: PacketRun = { ssrc: 0, first: 0, packets: 1, blocks: 0 };
const applied = { bytes: Buffer.alloc(0) as Buffer, block: 0 };

/**
 * The key stream of an RTP stream, made ahead of its packets, whose numbers follow each other. What does not fit in has its own made: a
 * packet that came late, or after a jump, or is longer than those before it.
 */
export class RunningKeyStream {
  readonly #source: KeyStream;
  #ssrc = 0;
  /** What was made ahead: of so many packets, from the first one's index on, with room for so many blocks in each. */
  #bytes: Buffer = Buffer.alloc(0);
  #first = 0;
  #packets = 0;
  #room = 0;
  /** Index of the packet that is furthest on; negative before the first. */
  #last = -1;
  /** Blocks of the longest packet since that was made. */
  #longest = 0;

  constructor(source: KeyStream) {
    this.#source = source;
  }

  /** Encrypts or decrypts the packet of that place. */
  apply(packet: Buffer, place: Readonly<PacketPlace>): void {
    const index = place.rollover * 0x1_0000 + place.sequence;
    const blocks = blocksIn(place.end - place.header);
    if (place.ssrc !== this.#ssrc) this.#startAnew(place.ssrc);
    if (blocks > this.#longest) this.#longest = blocks;
    if (this.#holds(index, blocks) || this.#runsOn(index)) {
      applied.bytes = this.#bytes;
      applied.block = (index - this.#first) * this.#room;
    } else {
      applied.bytes = this.#make(index, 1, blocks);
      applied.block = 0;
    }
    if (index > this.#last) this.#last = index;
    applyKeyStream(packet, place, applied);
  }

  #startAnew(ssrc: number): void {
    this.#ssrc = ssrc;
    this.#packets = 0;
    this.#longest = 0;
    this.#last = -1;
  }

  #holds(index: number, blocks: number): boolean {
    return index >= this.#first && index < this.#first + this.#packets && blocks <= this.#room;
  }

  /** Makes the next packets' when this one follows those before it, and another will fit in. */
  #runsOn(index: number): boolean {
    const step = index - this.#last;
    const packets = Math.min(MAX_PACKETS, Math.floor(MAX_BLOCKS / this.#longest));
    if (this.#last < 0 || step < 1 || step > MAX_PACKETS || packets < 2) return false;
    this.#first = index;
    this.#packets = packets;
    this.#room = this.#longest;
    this.#bytes = this.#make(index, packets, this.#longest);
    this.#longest = 0;
    return true;
  }

  #make(first: number, packets: number, blocks: number): Buffer {
    wanted.ssrc = this.#ssrc;
    wanted.first = first;
    wanted.packets = packets;
    wanted.blocks = blocks;
    return this.#source.make(wanted);
  }
}

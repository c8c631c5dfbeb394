/**
 * The telephone-event payload (RFC 4733 2.3): blocks of four bytes,
 * `event (8) | E (1) R (1) volume (6) | duration (16)`, read and written in place.
 */
export const TELEPHONE_EVENT_BLOCK_BYTES = 4;

/** The longest duration that one block can tell, in units of its clock (RFC 4733 2.5.1.3). */
export const MAX_EVENT_DURATION = 0xffff;

const END_BIT = 0x80;
const VOLUME_MASK = 0x3f;

/** One block. Mutable on purpose: reading and writing reuse it instead of allocating per packet. */
export interface TelephoneEventBlock {
  /** Event code, 0 to 255; 0 to 15 are the DTMF digits. */
  event: number;
  /** The E bit: the event is over. */
  end: boolean;
  /** Power in -dBm0, 0 to 63; larger is quieter. */
  volume: number;
  /** 0 to 0xFFFF, in units of the payload type's clock. */
  duration: number;
}

/** A block to read into or to write from. */
export function emptyBlock(): TelephoneEventBlock {
  return { event: 0, end: false, volume: 0, duration: 0 };
}

/**
 * How many whole blocks a payload holds; 0 when it is empty, cut off, or longer than a sender that
 * packs events (RFC 4733 2.5.1.5) can have reason for.
 */
export function countBlocks(payloadBytes: number): number {
  const blocks = payloadBytes / TELEPHONE_EVENT_BLOCK_BYTES;
  return Number.isInteger(blocks) && blocks <= MAX_BLOCKS_PER_PACKET ? blocks : 0;
}

const MAX_BLOCKS_PER_PACKET = 8;

/** Reads the four bytes at `offset` into `block`. The caller has checked that they are there. */
export function readBlock(buffer: Uint8Array, offset: number, block: TelephoneEventBlock): void {
  const flags = buffer[offset + 1] ?? 0;
  block.event = buffer[offset] ?? 0;
  block.end = (flags & END_BIT) !== 0;
  block.volume = flags & VOLUME_MASK;
  block.duration = ((buffer[offset + 2] ?? 0) << 8) | (buffer[offset + 3] ?? 0);
}

/** Writes `block` to the four bytes at `offset`; the reserved bit is 0 (RFC 4733 2.3.3). */
export function writeBlock(buffer: Uint8Array, offset: number, block: TelephoneEventBlock): void {
  buffer[offset] = block.event;
  buffer[offset + 1] = (block.end ? END_BIT : 0) | (block.volume & VOLUME_MASK);
  buffer[offset + 2] = block.duration >>> 8;
  buffer[offset + 3] = block.duration & 0xff;
}

import type { HandshakeFragment, HandshakeMessage } from './handshake-message.js';

/** A chain of certificates fits; no browser sends more than one certificate, of 300 to 1000 bytes. */
const MAX_MESSAGE_BYTES = 16_384;
/** What is kept for messages that are not whole, or not in turn. */
const MAX_KEPT_BYTES = 32_768;
/** How far ahead of its turn a message may come: a flight has five at most. */
const MAX_AHEAD = 8;
/** Gaps of one message, and more: crumbs of a byte each would cost more than they bring. */
const MAX_RANGES = 64;

/** Makes messages of fragments that come in any order, twice, or overlap (RFC 6347 section 4.2.3), and gives them in their order. */
export class Reassembly {
  readonly #partial = new Map<number, PartialMessage>();
  #next = 0;
  #kept = 0;

  /** The message_seq of the message that take() waits for. */
  get next(): number {
    return this.#next;
  }

  add(fragment: HandshakeFragment): void {
    const { sequence, length } = fragment;
    const ahead = sequence - this.#next;
    if (ahead < 0 || ahead >= MAX_AHEAD || length > MAX_MESSAGE_BYTES) return;
    let partial = this.#partial.get(sequence);
    if (partial === undefined) {
      if (!this.#makeRoom(sequence, length)) return;
      partial = new PartialMessage(fragment);
      this.#partial.set(sequence, partial);
      this.#kept += length;
    }
    partial.add(fragment);
  }

  /** The next message, when it is whole. */
  take(): HandshakeMessage | undefined {
    const partial = this.#partial.get(this.#next);
    if (partial === undefined || !partial.whole) return undefined;
    this.#drop(this.#next);
    this.#next += 1;
    return partial.message;
  }

  clear(): void {
    this.#partial.clear();
    this.#kept = 0;
  }

  /** What comes later in the handshake makes room for what comes sooner: without that nothing goes on. */
  #makeRoom(sequence: number, length: number): boolean {
    while (this.#kept + length > MAX_KEPT_BYTES) {
      const last = Math.max(...this.#partial.keys());
      if (last < sequence) return false;
      this.#drop(last);
    }
    return true;
  }

  #drop(sequence: number): void {
    this.#kept -= this.#partial.get(sequence)?.message.body.length ?? 0;
    this.#partial.delete(sequence);
  }
}

class PartialMessage {
  readonly message: HandshakeMessage;
  /** What is here, as ranges in order that neither meet nor overlap. */
  #ranges: { start: number; end: number }[] = [];

  constructor({ type, sequence, length }: HandshakeFragment) {
    this.message = { type, sequence, body: Buffer.alloc(length) };
  }

  get whole(): boolean {
    const [first] = this.#ranges;
    return first?.start === 0 && first.end === this.message.body.length;
  }

  /** A fragment that says other things of the message than the first one is left out. */
  add({ type, length, offset, bytes }: HandshakeFragment): void {
    const { message } = this;
    if (type !== message.type || length !== message.body.length || this.whole) return;
    if (bytes.length === 0 && length > 0) return;
    let range = { start: offset, end: offset + bytes.length };
    const apart = this.#ranges.filter((other) => {
      if (other.start > range.end || other.end < range.start) return true;
      range = { start: Math.min(range.start, other.start), end: Math.max(range.end, other.end) };
      return false;
    });
    if (apart.length >= MAX_RANGES) return;
    bytes.copy(message.body, offset);
    this.#ranges = [...apart, range].sort((one, other) => one.start - other.start);
  }
}

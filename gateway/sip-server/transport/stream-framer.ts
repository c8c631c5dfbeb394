import type { Defect } from './malformed-reply.js';

const CR = 0x0d;
const LF = 0x0a;
const NONE: Buffer = Buffer.alloc(0);
const CONTENT_LENGTH = /\n(?:content-length|l)[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)/gi;

export interface FramerSink {
  /** One whole message; the bytes are the sink's. */
  onMessage(bytes: Buffer): void;
  /** CRLF CRLF between messages (RFC 5626 section 3.5.1). */
  onPing(): void;
  /** The stream cannot be read on: where the next message begins is unknown. Called once at most. */
  onDefect(head: Buffer, defect: Defect): void;
}

/**
 * Cuts a byte stream into SIP messages by their Content-Length (RFC 3261 section 18.3), however the network
 * splits or merges them. Holds at most one unfinished message, no longer than `maxMessageBytes`.
 */
export class StreamFramer {
  readonly #sink: FramerSink;
  readonly #maxBytes: number;
  /** The unfinished message, in the first {@link #held} bytes. */
  #store = NONE;
  #held = 0;
  /** Of the unfinished message: up to where no end of the headers was found. */
  #scanned = 0;
  /** Of the unfinished message: headers and body together, once known. */
  #total: number | undefined;
  #lineBreaks = 0;
  #pongsDue = 0;
  #failed = false;

  constructor(sink: FramerSink, maxMessageBytes: number) {
    this.#sink = sink;
    this.#maxBytes = maxMessageBytes;
  }

  /** True while a message has begun and not ended. */
  get half(): boolean {
    return this.#held > 0;
  }

  /** A ping of ours went out: the next CRLF is its pong, not half of the peer's ping. */
  expectPong(): void {
    this.#pongsDue += 1;
  }

  push(chunk: Buffer): void {
    if (this.#failed) return;
    if (this.#held === 0) {
      this.#keep(chunk.subarray(this.#take(chunk, false)));
      return;
    }
    this.#keep(chunk);
    const taken = this.#take(this.#store.subarray(0, this.#held), true);
    // Nothing is held any more after a defect.
    if (this.#held === 0) return;
    this.#store.copyWithin(0, taken, this.#held);
    this.#held -= taken;
    if (this.#held === 0) this.#store = NONE;
  }

  /** Appends to the unfinished message; the room doubles, so that bytes coming one by one cost no more. */
  #keep(bytes: Buffer): void {
    if (bytes.length === 0 || this.#failed) return;
    const needed = this.#held + bytes.length;
    if (needed > this.#store.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#store.length));
      this.#store.copy(larger, 0, 0, this.#held);
      this.#store = larger;
    }
    bytes.copy(this.#store, this.#held);
    this.#held = needed;
  }

  /** Hands on what is whole; returns how many bytes are done with. `copy`: the bytes will be overwritten. */
  #take(bytes: Buffer, copy: boolean): number {
    let offset = 0;
    while (!this.#failed) {
      if (this.#scanned === 0 && this.#total === undefined)
        offset += this.#skipLineBreaks(bytes, offset);
      const rest = bytes.subarray(offset);
      if (rest.length === 0) break;
      this.#total ??= this.#measure(rest);
      if (this.#total === undefined || rest.length < this.#total) break;
      const message = rest.subarray(0, this.#total);
      offset += this.#total;
      this.#scanned = 0;
      this.#total = undefined;
      this.#sink.onMessage(copy ? Buffer.from(message) : message);
    }
    return this.#failed ? bytes.length : offset;
  }

  #skipLineBreaks(bytes: Buffer, from: number): number {
    let at = from;
    for (; bytes[at] === CR || bytes[at] === LF; at++) if (bytes[at] === LF) this.#onLineBreak();
    if (at < bytes.length) this.#lineBreaks = 0;
    return at - from;
  }

  #onLineBreak(): void {
    if (this.#pongsDue > 0) {
      this.#pongsDue -= 1;
      return;
    }
    this.#lineBreaks += 1;
    if (this.#lineBreaks < 2) return;
    this.#lineBreaks = 0;
    this.#sink.onPing();
  }

  /** The length of the message that begins here; undefined when its headers are not all there, or useless. */
  #measure(bytes: Buffer): number | undefined {
    const headLength = endOfHeaders(bytes, this.#scanned);
    this.#scanned = Math.max(0, bytes.length - 2);
    if (headLength === -1) {
      if (bytes.length > this.#maxBytes) this.#tooLarge(bytes);
      return undefined;
    }
    const bodyLength = bodyLengthOf(bytes.toString('latin1', 0, headLength));
    if (typeof bodyLength === 'string') {
      this.#fail(bytes.subarray(0, headLength), { why: bodyLength, status: 400 });
      return undefined;
    }
    const total = headLength + bodyLength;
    if (total <= this.#maxBytes) return total;
    this.#tooLarge(bytes.subarray(0, headLength));
    return undefined;
  }

  #tooLarge(head: Buffer): void {
    const why = `The message has more than ${this.#maxBytes} bytes.`;
    this.#fail(head.subarray(0, this.#maxBytes), { why, status: 513 });
  }

  #fail(head: Buffer, defect: Defect): void {
    this.#failed = true;
    this.#held = 0;
    this.#store = NONE;
    this.#sink.onDefect(head, defect);
  }
}

/** The offset behind the empty line, or -1. The same rule as the parser's: line feeds alone will do. */
function endOfHeaders(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(LF, from); at !== -1; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at + 1] === LF) return at + 2;
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return at + 3;
  }
  return -1;
}

/** RFC 3261 section 20.14: mandatory on streams. A string says what is wrong. */
function bodyLengthOf(head: string): number | string {
  let length: string | undefined;
  for (const [, value = ''] of head.matchAll(CONTENT_LENGTH)) {
    const given = value.trim();
    if (!/^\d{1,10}$/.test(given)) return 'The header Content-Length is not a number.';
    if (length !== undefined && Number(length) !== Number(given))
      return 'There are two Content-Length headers that contradict each other.';
    length = given;
  }
  return length === undefined
    ? 'The header Content-Length is missing, and a stream needs it.'
    : Number(length);
}

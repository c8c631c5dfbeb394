/** The stream is no longer a row of frames; the connection cannot go on. */
export class FrameError extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'FrameError';
  }
}

const HASH = 0x23;
const ZERO = 0x30;
const NINE = 0x39;

/**
 * Cuts a byte stream into the payloads of `<length>#<payload>` frames. The length counts bytes. Chunks may
 * end anywhere, also within the digits.
 */
export class FrameReader {
  /** A longer frame is refused as soon as its length is known. */
  maxBytes: number;
  #chunks: Buffer[] = [];
  #held = 0;
  /** Bytes to collect before another look is worth it. */
  #wanted = 1;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /**
   * Yields the payloads that this chunk completes. They share memory with the chunks.
   * @throws FrameError on a length that is no number or beyond {@link maxBytes}
   */
  *push(chunk: Buffer): Generator<Buffer> {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    while (this.#held >= this.#wanted) {
      const bytes = this.#joined();
      const head = readLength(bytes, this.maxBytes);
      const end = head === undefined ? bytes.length + 1 : head.start + head.length;
      this.#wanted = end;
      if (head === undefined || bytes.length < end) return;
      this.#replace(bytes.subarray(end));
      this.#wanted = 1;
      yield bytes.subarray(head.start, end);
    }
  }

  #joined(): Buffer {
    const only = this.#chunks.length === 1 ? this.#chunks[0] : undefined;
    const bytes = only ?? Buffer.concat(this.#chunks, this.#held);
    this.#chunks = [bytes];
    return bytes;
  }

  #replace(rest: Buffer): void {
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#held = rest.length;
  }
}

/** Undefined while the digits are incomplete. */
function readLength(
  bytes: Buffer,
  maxBytes: number,
): { start: number; length: number } | undefined {
  let length = 0;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    if (byte === HASH) {
      if (index === 0 || length === 0) throw new FrameError('A frame has no length.');
      return { start: index + 1, length };
    }
    if (byte < ZERO || byte > NINE)
      throw new FrameError('The length of a frame holds something else than digits.');
    length = length * 10 + (byte - ZERO);
    if (length > maxBytes || index > 9)
      throw new FrameError(`A frame is longer than ${maxBytes} bytes.`);
  }
  return undefined;
}

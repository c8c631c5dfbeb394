/** Thrown by a reader when a message is shorter or longer than its own lengths say. */
export class MalformedBytes extends Error {
  override name = 'MalformedBytes';
}

/** Reads the presentation language of TLS (RFC 5246 section 4). What it gives are views, not copies. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** @throws MalformedBytes, as all the others */
  take(length: number): Buffer {
    if (length > this.left) throw new MalformedBytes('too short');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  uint8(): number {
    return this.take(1).readUInt8(0);
  }

  uint16(): number {
    return this.take(2).readUInt16BE(0);
  }

  uint24(): number {
    return this.take(3).readUIntBE(0, 3);
  }

  /** A vector with a length of one byte before it. */
  vector8(): Buffer {
    return this.take(this.uint8());
  }

  vector16(): Buffer {
    return this.take(this.uint16());
  }

  vector24(): Buffer {
    return this.take(this.uint24());
  }

  /** The numbers of a `uint16 list<..>`. */
  uint16List(): number[] {
    const list = new ByteReader(this.vector16());
    const numbers: number[] = [];
    while (list.left > 0) numbers.push(list.uint16());
    return numbers;
  }

  /** @throws MalformedBytes when bytes are left over */
  end(): void {
    if (this.left > 0) throw new MalformedBytes('too long');
  }
}

export function uint8(value: number): Buffer {
  return Buffer.of(value);
}

export function uint16(value: number): Buffer {
  return Buffer.of(value >> 8, value & 0xff);
}

export function uint24(value: number): Buffer {
  return Buffer.of((value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff);
}

export function vector8(...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([uint8(content.length), content]);
}

export function vector16(...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([uint16(content.length), content]);
}

export function vector24(...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([uint24(content.length), content]);
}

export function uint16List(numbers: readonly number[]): Buffer {
  return vector16(...numbers.map(uint16));
}

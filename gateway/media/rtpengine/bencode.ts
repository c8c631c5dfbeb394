/** What rtpengine's ng protocol carries (bencode: dictionaries, lists, strings, integers); strings of bytes are only written. */
export type BencodeValue =
  string | number | Uint8Array | BencodeValue[] | { [key: string]: BencodeValue };

export type BencodeDictionary = Record<string, BencodeValue>;

/** Strings are counted in bytes; numbers are cut to integers. */
export function encode(value: BencodeValue): Buffer {
  const parts: Uint8Array[] = [];
  write(value, parts);
  return Buffer.concat(parts);
}

function write(value: BencodeValue, parts: Uint8Array[]): void {
  if (typeof value === 'number') parts.push(Buffer.from(`i${Math.trunc(value)}e`));
  else if (typeof value === 'string') write(Buffer.from(value), parts);
  else if (value instanceof Uint8Array) parts.push(Buffer.from(`${value.length}:`), value);
  else {
    parts.push(Buffer.from(Array.isArray(value) ? 'l' : 'd'));
    const items: BencodeValue[] = Array.isArray(value) ? value : Object.entries(value).flat();
    for (const item of items) write(item, parts);
    parts.push(Buffer.from('e'));
  }
}

/** A dictionary that fills the bytes, or undefined for anything else, however broken. */
export function decodeDictionary(bytes: Buffer): BencodeDictionary | undefined {
  const cursor: Cursor = { bytes, at: 0, depth: 0 };
  try {
    const value = read(cursor);
    return cursor.at === bytes.length ? dictionary(value) : undefined;
  } catch (error) {
    if (error instanceof NotBencode) return undefined;
    throw error;
  }
}

/** The value when it is a dictionary. */
export function dictionary(value: BencodeValue | undefined): BencodeDictionary | undefined {
  const is = typeof value === 'object' && !Array.isArray(value) && !(value instanceof Uint8Array);
  return is ? value : undefined;
}

class NotBencode extends Error {}

interface Cursor {
  bytes: Buffer;
  at: number;
  depth: number;
}

/** A reply of rtpengine nests about eight deep; a datagram of `l` alone must not exhaust the stack. */
const MAX_DEPTH = 64;

function read(cursor: Cursor): BencodeValue {
  const kind = String.fromCharCode(cursor.bytes[cursor.at] ?? 0);
  if (kind === 'i') {
    cursor.at += 1;
    return readInteger(cursor, 'e');
  }
  if (kind !== 'l' && kind !== 'd') return readString(cursor);
  cursor.at += 1;
  cursor.depth += 1;
  if (cursor.depth > MAX_DEPTH) throw new NotBencode();
  const value = kind === 'l' ? readList(cursor) : readDictionary(cursor);
  cursor.depth -= 1;
  return value;
}

function readList(cursor: Cursor): BencodeValue[] {
  const items: BencodeValue[] = [];
  while (!atEnd(cursor)) items.push(read(cursor));
  return items;
}

function readDictionary(cursor: Cursor): BencodeDictionary {
  const entries: [string, BencodeValue][] = [];
  while (!atEnd(cursor)) entries.push([readString(cursor), read(cursor)]);
  return Object.fromEntries(entries);
}

function readString(cursor: Cursor): string {
  const length = readInteger(cursor, ':');
  const start = cursor.at;
  if (length < 0 || start + length > cursor.bytes.length) throw new NotBencode();
  cursor.at += length;
  return cursor.bytes.toString('utf8', start, cursor.at);
}

function readInteger(cursor: Cursor, mark: string): number {
  const end = cursor.bytes.indexOf(mark, cursor.at);
  const text = end < 0 ? '' : cursor.bytes.toString('latin1', cursor.at, end);
  if (!/^-?\d{1,20}$/.test(text)) throw new NotBencode();
  cursor.at = end + 1;
  return Number(text);
}

function atEnd(cursor: Cursor): boolean {
  if (cursor.at >= cursor.bytes.length) throw new NotBencode();
  const end = cursor.bytes[cursor.at] === 'e'.charCodeAt(0);
  if (end) cursor.at += 1;
  return end;
}

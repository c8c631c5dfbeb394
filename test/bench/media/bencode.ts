/** What rtpengine's ng protocol carries (bencode: dictionaries, lists, strings, integers). */
export type BencodeValue = string | number | BencodeValue[] | { [key: string]: BencodeValue };

export function encode(value: BencodeValue): string {
  if (typeof value === 'number') return `i${Math.trunc(value)}e`;
  if (typeof value === 'string') return `${Buffer.byteLength(value)}:${value}`;
  if (Array.isArray(value)) return `l${value.map(encode).join('')}e`;
  const entries = Object.entries(value).map(([key, item]) => encode(key) + encode(item));
  return `d${entries.join('')}e`;
}

/** @throws Error when the text is no bencode */
export function decode(bytes: Buffer): BencodeValue {
  return read({ bytes, at: 0 });
}

interface Cursor {
  bytes: Buffer;
  at: number;
}

function read(cursor: Cursor): BencodeValue {
  const kind = String.fromCharCode(cursor.bytes[cursor.at] ?? 0);
  if (kind === 'i') {
    cursor.at += 1;
    return Number(readUntil(cursor, 'e'));
  }
  if (kind === 'l') {
    const items: BencodeValue[] = [];
    for (cursor.at += 1; !atEnd(cursor);) items.push(read(cursor));
    return items;
  }
  if (kind === 'd') {
    const entries: [string, BencodeValue][] = [];
    for (cursor.at += 1; !atEnd(cursor);) entries.push([readString(cursor), read(cursor)]);
    return Object.fromEntries(entries);
  }
  return readString(cursor);
}

function readString(cursor: Cursor): string {
  const length = Number(readUntil(cursor, ':'));
  if (!Number.isInteger(length)) throw new Error('not bencode');
  const start = cursor.at;
  cursor.at += length;
  return cursor.bytes.toString('utf8', start, cursor.at);
}

function readUntil(cursor: Cursor, mark: string): string {
  const end = cursor.bytes.indexOf(mark, cursor.at);
  if (end < 0) throw new Error('not bencode');
  const text = cursor.bytes.toString('latin1', cursor.at, end);
  cursor.at = end + 1;
  return text;
}

function atEnd(cursor: Cursor): boolean {
  if (cursor.at >= cursor.bytes.length) throw new Error('not bencode');
  const end = cursor.bytes[cursor.at] === 'e'.charCodeAt(0);
  if (end) cursor.at += 1;
  return end;
}

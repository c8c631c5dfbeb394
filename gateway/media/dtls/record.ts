/** RFC 6347 section 4.1 and RFC 5246 section 6.2.1. */
export const CONTENT = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
} as const;

export type ContentType = (typeof CONTENT)[keyof typeof CONTENT];

/** DTLS 1.2 and, in the first hello, the 1.0 that every implementation reads (RFC 9147 section 5.3 asks for no more). */
export const DTLS_1_2 = 0xfefd;
export const DTLS_1_0 = 0xfeff;

export const RECORD_HEADER_BYTES = 13;
/** RFC 6347 section 4.1 by RFC 5246 section 6.2.3: 2^14 and what a cipher may add. */
const MAX_FRAGMENT_BYTES = 2 ** 14 + 2048;
/** No flight of a handshake needs as many in one datagram; the rest of it is not looked at. */
const MAX_RECORDS = 32;
const MAJOR_VERSION = 0xfe;

export interface DtlsRecord {
  type: number;
  version: number;
  epoch: number;
  /** 48 bits. */
  sequence: number;
  fragment: Buffer;
}

/**
 * The records of a datagram. What is no record of DTLS 1.x ends the reading of it (RFC 6347 section 4.1.2.7: invalid records are
 * dropped silently); a record never goes beyond its datagram (section 4.1.1).
 */
export function readRecords(datagram: Buffer): DtlsRecord[] {
  const records: DtlsRecord[] = [];
  let at = 0;
  while (datagram.length - at >= RECORD_HEADER_BYTES && records.length < MAX_RECORDS) {
    const start = at + RECORD_HEADER_BYTES;
    const version = datagram.readUInt16BE(at + 1);
    const length = datagram.readUInt16BE(at + 11);
    const sound = version >> 8 === MAJOR_VERSION && length <= MAX_FRAGMENT_BYTES;
    if (!sound || start + length > datagram.length) break;
    records.push({
      type: datagram.readUInt8(at),
      version,
      epoch: datagram.readUInt16BE(at + 3),
      sequence: datagram.readUIntBE(at + 5, 6),
      fragment: datagram.subarray(start, start + length),
    });
    at = start + length;
  }
  return records;
}

/** Whether the first record of a datagram is of epoch 0: part of a handshake, not of what follows it. */
export function beginsInTheClear(datagram: Buffer): boolean {
  return datagram.length < RECORD_HEADER_BYTES || datagram.readUInt16BE(3) === 0;
}

/** The header that goes before a fragment of `length` bytes. */
export function recordHeader(
  record: Pick<DtlsRecord, 'type' | 'version' | 'epoch' | 'sequence'>,
  length: number,
): Buffer {
  const header = Buffer.alloc(RECORD_HEADER_BYTES);
  header.writeUInt8(record.type, 0);
  header.writeUInt16BE(record.version, 1);
  header.writeUInt16BE(record.epoch, 3);
  header.writeUIntBE(record.sequence, 5, 6);
  header.writeUInt16BE(length, 11);
  return header;
}

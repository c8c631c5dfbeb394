import { createCipheriv, createDecipheriv } from 'node:crypto';
import { recordHeader, type DtlsRecord } from './record.js';

const TAG_BYTES = 16;
const EXPLICIT_NONCE_BYTES = 8;
/** By how much a protected record is longer than what is in it. */
export const PROTECTION_BYTES = EXPLICIT_NONCE_BYTES + TAG_BYTES;

/** Of one direction. Secret. */
export interface RecordKey {
  /** 16 bytes. */
  key: Buffer;
  /** The implicit part of the nonce, 4 bytes. */
  iv: Buffer;
}

/**
 * AES-128-GCM (RFC 5288). The explicit nonce is epoch and sequence number, which never come again under a key
 * (RFC 5288 section 3 names the sequence number as a choice); the peer's is whatever it sends.
 */
export function sealRecord(key: RecordKey, record: DtlsRecord): Buffer {
  const explicit = place(record);
  const cipher = createCipheriv('aes-128-gcm', key.key, Buffer.concat([key.iv, explicit]));
  cipher.setAAD(additionalData(record, record.fragment.length));
  const sealed = cipher.update(record.fragment);
  cipher.final();
  return Buffer.concat([explicit, sealed, cipher.getAuthTag()]);
}

/** Undefined for a record that the key does not vouch for. */
export function openRecord(key: RecordKey, record: DtlsRecord): Buffer | undefined {
  const { fragment } = record;
  const length = fragment.length - PROTECTION_BYTES;
  if (length < 0) return undefined;
  const nonce = Buffer.concat([key.iv, fragment.subarray(0, EXPLICIT_NONCE_BYTES)]);
  const end = EXPLICIT_NONCE_BYTES + length;
  const decipher = createDecipheriv('aes-128-gcm', key.key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(additionalData(record, length));
  decipher.setAuthTag(fragment.subarray(end));
  const plain = decipher.update(fragment.subarray(EXPLICIT_NONCE_BYTES, end));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return plain;
}

/** RFC 6347 section 4.1.2.1: epoch and sequence number together stand for the sequence number of TLS. */
function place({ epoch, sequence }: DtlsRecord): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16BE(epoch, 0);
  bytes.writeUIntBE(sequence, 2, 6);
  return bytes;
}

/** RFC 5246 section 6.2.3.3: sequence number, type, version, length of the plain text. */
function additionalData(record: DtlsRecord, length: number): Buffer {
  const header = recordHeader(record, length);
  return Buffer.concat([place(record), header.subarray(0, 3), header.subarray(11)]);
}

import { ReplayWindow } from '../srtp/packet-index.js';
import type { DtlsRole } from './key-schedule.js';
import { openRecord, PROTECTION_BYTES, sealRecord, type RecordKey } from './record-cipher.js';
import {
  CONTENT,
  DTLS_1_0,
  DTLS_1_2,
  RECORD_HEADER_BYTES,
  recordHeader,
  type ContentType,
  type DtlsRecord,
} from './record.js';

/** 0 is in the clear; 1 is protected by the keys of the handshake. There is no third: we never renegotiate. */
export type Epoch = 0 | 1;

/** Of an association. Secret. */
export interface RecordKeys {
  local: RecordKey;
  remote: RecordKey;
}

/** What is added to a fragment of this epoch. */
export function recordOverhead(epoch: Epoch): number {
  return RECORD_HEADER_BYTES + (epoch === 0 ? 0 : PROTECTION_BYTES);
}

/** Numbers and protects our records, opens those of the peer. */
export class RecordLayer {
  /** Until a server has agreed on 1.2, a client names 1.0 in its records (RFC 5246 appendix E.1). */
  #version: number;
  readonly #sequences: [number, number] = [0, 0];
  /** Of epoch 1 (RFC 6347 section 4.1.2.6: at least 32 records). */
  readonly #replays = new ReplayWindow();
  #keys: RecordKeys | undefined;
  #changed = false;

  constructor(role: DtlsRole) {
    this.#version = role === 'client' ? DTLS_1_0 : DTLS_1_2;
  }

  get hasKeys(): boolean {
    return this.#keys !== undefined;
  }

  /** What the peer expects of an alert of ours: protection as soon as our ChangeCipherSpec is sent. */
  get sendingEpoch(): Epoch {
    return this.#changed ? 1 : 0;
  }

  protectWith(keys: RecordKeys): void {
    this.#version = DTLS_1_2;
    this.#keys = keys;
  }

  /** A whole record. @throws Error when the epoch has no keys yet */
  seal(type: ContentType, epoch: Epoch, fragment: Buffer): Buffer {
    const record: DtlsRecord = {
      ...{ type, epoch, fragment },
      version: this.#version,
      sequence: this.#sequences[epoch]++,
    };
    if (type === CONTENT.changeCipherSpec) this.#changed = true;
    if (epoch === 0) return Buffer.concat([recordHeader(record, fragment.length), fragment]);
    if (this.#keys === undefined) throw new Error('Epoch 1 has no keys yet.');
    const sealed = sealRecord(this.#keys.local, record);
    return Buffer.concat([recordHeader(record, sealed.length), sealed]);
  }

  /** The content of a record of epoch 1; undefined when it is forged, came before, or there are no keys. */
  open(record: DtlsRecord): Buffer | undefined {
    if (this.#keys === undefined || record.version !== DTLS_1_2) return undefined;
    if (!this.#replays.isNew(record.sequence)) return undefined;
    const plain = openRecord(this.#keys.remote, record);
    if (plain !== undefined) this.#replays.add(record.sequence);
    return plain;
  }
}

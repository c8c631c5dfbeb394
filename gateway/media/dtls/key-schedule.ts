import { createHmac } from 'node:crypto';
import { keyMaterialBytes, SRTP_SUITES, type SrtpKey } from '../srtp/srtp-suite.js';
import type { SrtpSuiteName } from '../media-engine.js';
import type { RecordKey } from './record-cipher.js';

const MASTER_SECRET_BYTES = 48;
const VERIFY_DATA_BYTES = 12;
/** TLS_ECDHE_*_WITH_AES_128_GCM_SHA256 (RFC 5288): no MAC keys, a salt of 4 bytes per direction. */
const RECORD_KEY_BYTES = 16;
const RECORD_IV_BYTES = 4;

export type DtlsRole = 'client' | 'server';

/** What the keys of both directions are made of. */
export interface Randoms {
  client: Buffer;
  server: Buffer;
}

/** One thing per direction, by who sends. */
export interface PerSender<Thing> {
  client: Thing;
  server: Thing;
}

export interface PrfInput {
  secret: Buffer;
  label: string;
  seed: Buffer;
}

/** RFC 5246 section 5: P_SHA256. */
export function prf({ secret, label, seed }: PrfInput, bytes: number): Buffer {
  const labelled = Buffer.concat([Buffer.from(label, 'ascii'), seed]);
  const blocks: Buffer[] = [];
  let chain: Buffer = labelled;
  for (let made = 0; made < bytes; made += 32) {
    chain = hmac(secret, chain);
    blocks.push(hmac(secret, Buffer.concat([chain, labelled])));
  }
  return Buffer.concat(blocks).subarray(0, bytes);
}

/** RFC 7627 section 4: bound to all messages up to the ClientKeyExchange. */
export function extendedMasterSecret(premasterSecret: Buffer, sessionHash: Buffer): Buffer {
  const input = { secret: premasterSecret, label: 'extended master secret', seed: sessionHash };
  return prf(input, MASTER_SECRET_BYTES);
}

/** RFC 5246 section 6.3: the keys of the records. */
export function recordKeys(masterSecret: Buffer, randoms: Randoms): PerSender<RecordKey> {
  const seed = Buffer.concat([randoms.server, randoms.client]);
  const input = { secret: masterSecret, label: 'key expansion', seed };
  const cut = cutter(prf(input, 2 * (RECORD_KEY_BYTES + RECORD_IV_BYTES)));
  const keys = { client: cut(RECORD_KEY_BYTES), server: cut(RECORD_KEY_BYTES) };
  const ivs = { client: cut(RECORD_IV_BYTES), server: cut(RECORD_IV_BYTES) };
  return {
    client: { key: keys.client, iv: ivs.client },
    server: { key: keys.server, iv: ivs.server },
  };
}

/** RFC 5246 section 7.4.9: what the Finished of `sender` holds. */
export function verifyData(masterSecret: Buffer, sender: DtlsRole, transcript: Buffer): Buffer {
  const input = { secret: masterSecret, label: `${sender} finished`, seed: transcript };
  return prf(input, VERIFY_DATA_BYTES);
}

/** RFC 5764 section 4.2: the exporter of RFC 5705 without a context, cut into both keys, then both salts. */
export function srtpKeys(
  masterSecret: Buffer,
  randoms: Randoms,
  suite: SrtpSuiteName,
): PerSender<SrtpKey> {
  const { keyBytes, saltBytes } = SRTP_SUITES[suite];
  const seed = Buffer.concat([randoms.client, randoms.server]);
  const input = { secret: masterSecret, label: 'EXTRACTOR-dtls_srtp', seed };
  const cut = cutter(prf(input, 2 * keyMaterialBytes(suite)));
  const keys = { client: cut(keyBytes), server: cut(keyBytes) };
  const salts = { client: cut(saltBytes), server: cut(saltBytes) };
  return {
    client: { suite, material: Buffer.concat([keys.client, salts.client]) },
    server: { suite, material: Buffer.concat([keys.server, salts.server]) },
  };
}

function cutter(whole: Buffer): (bytes: number) => Buffer {
  let at = 0;
  return (bytes) => {
    at += bytes;
    return whole.subarray(at - bytes, at);
  };
}

function hmac(secret: Buffer, data: Buffer): Buffer {
  return createHmac('sha256', secret).update(data).digest();
}

import {
  generateKeyPairSync,
  randomBytes,
  sign,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';

export interface DtlsCertificate {
  /** Value of a=fingerprint. */
  fingerprint: string;
  /** DER. */
  certificate: Buffer;
  /** P-256. Secret; as an object, nothing that is written out holds it by accident. */
  privateKey: KeyObject;
}

const DAY_MS = 86_400_000;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OBJECT_ID = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const SEQUENCE = 0x30;
const SET = 0x31;
const EXPLICIT_0 = 0xa0;
const ECDSA_WITH_SHA256 = '2a8648ce3d040302';
const COMMON_NAME = '550403';

/**
 * The certificate of all DTLS sessions of a worker (RFC 8827 section 6.5: P-256, self-signed, trusted by its
 * fingerprint in the SDP). One for all of them, so that an offer can name its
 * fingerprint before any transport exists, and a call costs no key generation.
 */
export function selfSignedCertificate(nowMs: number): DtlsCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const unsigned = toBeSigned(publicKey, nowMs);
  const signature = sign('sha256', unsigned, privateKey);
  const whole = der(SEQUENCE, unsigned, algorithm(), der(BIT_STRING, Buffer.of(0), signature));
  return {
    fingerprint: `sha-256 ${new X509Certificate(whole).fingerprint256}`,
    certificate: whole,
    privateKey,
  };
}

/** RFC 5280 section 4.1: TBSCertificate, version 3. */
function toBeSigned(publicKey: KeyObject, nowMs: number): Buffer {
  const commonName = der(
    SEQUENCE,
    objectId(COMMON_NAME),
    der(UTF8_STRING, Buffer.from('copperline')),
  );
  const name = der(SEQUENCE, der(SET, commonName));
  const serial = Buffer.concat([Buffer.of(0x01), randomBytes(8)]);
  return der(
    SEQUENCE,
    der(EXPLICIT_0, der(INTEGER, Buffer.of(2))),
    der(INTEGER, serial),
    algorithm(),
    name,
    der(SEQUENCE, utcTime(nowMs - DAY_MS), utcTime(nowMs + 365 * DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
}

function algorithm(): Buffer {
  return der(SEQUENCE, objectId(ECDSA_WITH_SHA256));
}

function objectId(hex: string): Buffer {
  return der(OBJECT_ID, Buffer.from(hex, 'hex'));
}

/** `YYMMDDHHMMSSZ`. */
function utcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14);
  return der(UTC_TIME, Buffer.from(`${digits}Z`));
}

function der(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const size = content.length;
  const length =
    size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

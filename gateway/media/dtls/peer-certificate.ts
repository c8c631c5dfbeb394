import { X509Certificate, type KeyObject } from 'node:crypto';
import { DtlsFailure } from './alerts.js';
import { ByteReader, vector24 } from './bytes.js';
import { fingerprintMismatch } from './fingerprints.js';
import { isUsableKey } from './signatures.js';

/** A Certificate message (RFC 5246 section 7.4.2) of one certificate (DER). */
export function writeCertificate(certificate: Buffer): Buffer {
  return vector24(vector24(certificate));
}

/**
 * The public key of the certificate in a Certificate message. The fingerprint in the SDP is all its trust (RFC 8122 section 6.2, RFC 8827
 * section 6.5): issuer, names and dates say nothing. It is compared first, so that only bytes that the SDP vouches for are parsed.
 * @throws MalformedBytes; DtlsFailure
 */
export function readPeerKey(body: Buffer, fingerprint: string): KeyObject {
  const reader = new ByteReader(body);
  const list = new ByteReader(reader.vector24());
  reader.end();
  // RFC 5246 section 7.4.6: a client without one sends an empty list.
  if (list.left === 0)
    throw new DtlsFailure('handshake_failure', 'The browser presented no DTLS certificate.');
  const certificate = list.vector24();
  const mismatch = fingerprintMismatch(certificate, fingerprint);
  if (mismatch !== undefined) throw new DtlsFailure('bad_certificate', mismatch);
  const key = publicKeyOf(certificate);
  if (key === undefined || !isUsableKey(key))
    throw new DtlsFailure(
      'unsupported_certificate',
      "The browser's DTLS certificate has no key that we take: ECDSA with P-256, P-384 or P-521, or RSA with 2048 to 8192 bits.",
    );
  return key;
}

function publicKeyOf(certificate: Buffer): KeyObject | undefined {
  try {
    return new X509Certificate(certificate).publicKey;
  } catch {
    return undefined;
  }
}

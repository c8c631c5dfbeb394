import { constants, sign, verify, type KeyObject } from 'node:crypto';
import { DtlsFailure } from './alerts.js';
import { uint16, vector16, type ByteReader } from './bytes.js';

/** RFC 5246 section 7.4.1.4.1, RFC 8446 section 4.2.3 (PSS may be used with TLS 1.2 as well). */
const SCHEME = {
  ecdsa_secp256r1_sha256: 0x0403,
  rsa_pss_rsae_sha256: 0x0804,
  rsa_pkcs1_sha256: 0x0401,
} as const;

/** What we verify, for the signature_algorithms of a hello or of a CertificateRequest. */
export const VERIFIED_SCHEMES: readonly number[] = Object.values(SCHEME);
/** What we sign with: our certificate is P-256. */
export const SIGNING_SCHEME = SCHEME.ecdsa_secp256r1_sha256;

/** Curves of OpenSSL that a key may be on; with TLS 1.2 the scheme names ECDSA and the hash, not the curve. */
const CURVES: readonly string[] = ['prime256v1', 'secp384r1', 'secp521r1'];
/** RFC 8827 section 6.5 knows 2048 in old browsers; more than 8192 is there to keep us busy. */
const RSA_BITS = { least: 2048, most: 8192 };

/** The `digitally-signed` struct over `data`. */
export function signed(data: Buffer, privateKey: KeyObject): Buffer {
  return Buffer.concat([uint16(SIGNING_SCHEME), vector16(sign('sha256', data, privateKey))]);
}

/**
 * Reads a `digitally-signed` struct and verifies it.
 * @param what names the message in the sentence
 * @throws MalformedBytes; DtlsFailure when it is not the signature of that key over `data`
 */
export function checkSigned(
  reader: ByteReader,
  { data, key, what }: { data: Buffer; key: KeyObject; what: string },
): void {
  const scheme = reader.uint16();
  const signature = reader.vector16();
  reader.end();
  if (!VERIFIED_SCHEMES.includes(scheme) || kindOf(scheme) !== key.asymmetricKeyType)
    throw new DtlsFailure(
      'illegal_parameter',
      `The browser's DTLS ${what} is signed with the scheme 0x${scheme.toString(16)}, which does not go with its certificate or was not offered.`,
    );
  if (!isSignature(scheme, { data, key, signature }))
    throw new DtlsFailure(
      'decrypt_error',
      `The browser's DTLS ${what} is not signed with the key of its certificate.`,
    );
}

/** True for a key that a scheme of ours goes with, of a size that is neither weak nor a burden. */
export function isUsableKey(key: KeyObject): boolean {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'ec') return CURVES.includes(details?.namedCurve ?? '');
  const bits = details?.modulusLength ?? 0;
  return type === 'rsa' && bits >= RSA_BITS.least && bits <= RSA_BITS.most;
}

function kindOf(scheme: number): 'ec' | 'rsa' {
  return scheme === SCHEME.ecdsa_secp256r1_sha256 ? 'ec' : 'rsa';
}

function isSignature(
  scheme: number,
  { data, key, signature }: { data: Buffer; key: KeyObject; signature: Buffer },
): boolean {
  const pss = {
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  };
  const how = scheme === SCHEME.rsa_pss_rsae_sha256 ? { key, ...pss } : key;
  try {
    return verify('sha256', data, how, signature);
  } catch {
    // What OpenSSL cannot even read is no signature.
    return false;
  }
}

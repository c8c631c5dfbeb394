import { createHash } from 'node:crypto';

const HASHES: Readonly<Record<string, string>> = {
  'sha-256': 'sha256',
  'sha-384': 'sha384',
  'sha-512': 'sha512',
};
/** Of a fingerprint in a sentence: enough to tell two apart. */
const SHOWN_CHARACTERS = 11;

/** Undefined when the certificate (DER) is the one of the fingerprint; else what a person is to read. */
export function fingerprintMismatch(certificate: Buffer, expected: string): string | undefined {
  const [name = '', digits = ''] = expected.trim().toLowerCase().split(/\s+/);
  const hash = HASHES[name];
  if (hash === undefined) return `The browser's SDP has a fingerprint by ${name}, not by SHA-2.`;
  const found = createHash(hash).update(certificate).digest('hex').toUpperCase();
  const wanted = digits.replaceAll(':', '').toUpperCase();
  if (found === wanted) return undefined;
  return `The browser's DTLS certificate has the fingerprint ${name} ${shown(found)}, but its SDP named ${shown(wanted)}.`;
}

function shown(hex: string): string {
  return `${(hex.match(/../g) ?? []).join(':').slice(0, SHOWN_CHARACTERS)}:…`;
}

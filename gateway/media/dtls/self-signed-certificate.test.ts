import { X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { selfSignedCertificate } from './self-signed-certificate.js';

it('makes a valid P-256 certificate whose fingerprint is the one told', () => {
  const now = Date.UTC(2026, 5, 1);
  const made = selfSignedCertificate(now);
  const certificate = new X509Certificate(made.certificate);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(made.privateKey)).toBe(true);
  expect(made.fingerprint).toBe(`sha-256 ${certificate.fingerprint256}`);
  expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  expect(Date.parse(certificate.validFrom)).toBeLessThan(now);
  expect(Date.parse(certificate.validTo)).toBeGreaterThan(now + 300 * 86_400_000);
  expect(selfSignedCertificate(now).fingerprint).not.toBe(made.fingerprint);
});

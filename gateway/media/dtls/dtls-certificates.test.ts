import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { DtlsCertificates } from './dtls-certificates.js';

describe('DtlsCertificates', () => {
  it('gives new calls one certificate, and another one when it is old', () => {
    const clock = new ManualClock();
    const certificates = new DtlsCertificates(clock, 1000);
    const first = certificates.current();
    clock.advance(999);
    expect(certificates.current()).toBe(first);
    clock.advance(1);
    const second = certificates.current();
    expect(second.fingerprint).not.toBe(first.fingerprint);
    expect(certificates.current()).toBe(second);
  });

  it('makes one for a second transport that the next call does not get', () => {
    const certificates = new DtlsCertificates(new ManualClock(), 1000);
    const shared = certificates.current();
    expect(certificates.another().fingerprint).not.toBe(shared.fingerprint);
    expect(certificates.current()).toBe(shared);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSipMessage } from './parse.js';
import { createResponse } from './response.js';
import { serializeSipMessage } from './serialize.js';
import type { SipMessage } from './sip-message.js';

const token = fc.stringMatching(/^[A-Za-z0-9.!%*_+`'~-]{1,20}$/);
/** What a header may hold once it is trimmed and unfolded; U+FFFD stands for broken UTF-8 and does not come back. */
const value = fc.string({ unit: 'grapheme', maxLength: 60 }).map((text) =>
  Buffer.from(text)
    .toString()
    .replace(/[\u0000-\u001f\u007f\ufffd]/g, '')
    .trim(),
);

const extraHeader = fc.record({ name: token.map((name) => `X-${name}`), value });

function required(method: string): { name: string; value: string }[] {
  return [
    { name: 'v', value: 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKq' },
    { name: 'From', value: '<sip:a@b>;tag=1' },
    { name: 'To', value: '<sip:c@d>' },
    { name: 'Call-ID', value: 'x@y' },
    { name: 'CSeq', value: `7 ${method}` },
  ];
}

const message: fc.Arbitrary<SipMessage> = fc
  .record({
    isRequest: fc.boolean(),
    method: token,
    status: fc.integer({ min: 100, max: 699 }),
    reason: value,
    extra: fc.array(extraHeader, { maxLength: 8 }),
    body: fc.uint8Array({ maxLength: 200 }),
  })
  .map(({ isRequest, method, status, reason, extra, body }) => {
    const headers = [
      ...required(method),
      ...extra,
      { name: 'Content-Length', value: String(body.length) },
    ];
    const common = { headers, body: Buffer.from(body) };
    return isRequest
      ? { kind: 'request', method, uri: 'sip:c@d', ...common }
      : { kind: 'response', status, reason, ...common };
  });

describe('SIP messages', () => {
  it('come back as they were sent', () => {
    fc.assert(
      fc.property(message, (original) => {
        const bytes = serializeSipMessage(original);
        const result = parseSipMessage(bytes);
        expect(result.ok ? result.message : result.why).toEqual(original);
        expect(result.ok && serializeSipMessage(result.message).equals(bytes)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('never make the parser throw, truncated or with bytes changed, and what is accepted can be sent', () => {
    const edit = fc.record({ at: fc.nat(2_000), byte: fc.nat(255) });
    fc.assert(
      fc.property(message, fc.array(edit, { maxLength: 6 }), fc.nat(2_000), (m, edits, cut) => {
        const bytes = Buffer.from(serializeSipMessage(m)).subarray(
          0,
          cut < 1_000 ? cut : undefined,
        );
        for (const { at, byte } of edits) if (bytes.length > 0) bytes[at % bytes.length] = byte;
        const result = parseSipMessage(bytes);
        if (!result.ok) {
          expect(result.why).toMatch(/^[A-Z].*\.$/s);
          return;
        }
        expect(parseSipMessage(serializeSipMessage(result.message)).ok).toBe(true);
        if (result.message.kind === 'request')
          expect(
            serializeSipMessage(createResponse(result.message, { status: 400, toTag: 't' })).length,
          ).toBeGreaterThan(50);
      }),
      { numRuns: 1_000 },
    );
  }, 60_000);

  it('are told from noise without throwing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        expect(parseSipMessage(Buffer.from(noise)).ok).toBe(false);
      }),
    );
  });

  it('give responses with the headers of RFC 3261 section 8.2.6', () => {
    fc.assert(
      fc.property(message, fc.integer({ min: 101, max: 699 }), (m, status) => {
        if (m.kind !== 'request') return;
        const response = createResponse(m, { status, toTag: 'tt' });
        expect(response.reason).not.toBe('');
        expect(response.headers.map((header) => header.value)).toEqual([
          'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKq',
          '<sip:a@b>;tag=1',
          '<sip:c@d>;tag=tt',
          'x@y',
          `7 ${m.method}`,
        ]);
      }),
    );
  });
});

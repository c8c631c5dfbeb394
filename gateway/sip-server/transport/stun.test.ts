import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isStun, stunAnswer } from './stun.js';

/** The transaction of the test vectors of RFC 5769. */
const TRANSACTION = 'b7e7a701bc34d686fa87dfae';
const V4 = { host: '192.0.2.1', port: 32_853 };

const stun = (type: string, attributes = '', length?: string): Buffer => {
  const size = (attributes.length / 2).toString(16).padStart(4, '0');
  return Buffer.from(`${type}${length ?? size}2112a442${TRANSACTION}${attributes}`, 'hex');
};
const answerOf = (request: Buffer, from = V4): string | undefined =>
  stunAnswer(request, from)?.toString('hex');

describe('a STUN Binding request', () => {
  it.each([
    [V4, '0020000800', '01a147e112a643'],
    [
      { host: '2001:db8:1234:5678:11:2233:4455:6677', port: 32_853 },
      '0020001400',
      '02a1470113a9faa5d3f179bc25f4b5bed2b9d9',
    ],
    [{ host: '::1', port: 32_853 }, '0020001400', `02a1472112a442${TRANSACTION.slice(0, -2)}af`],
  ])('is answered with the address it came from, as RFC 5769 has it: %o', (from, head, rest) => {
    const length = (head + rest).length / 2;
    expect(answerOf(stun('0001'), from)).toBe(
      `0101${length.toString(16).padStart(4, '0')}2112a442${TRANSACTION}${head}${rest}`,
    );
  });

  it('reads IPv4 in IPv6 and zones', () => {
    const mapped = answerOf(stun('0001'), { host: '::ffff:192.0.2.1', port: 1 });
    expect(mapped).toBe(answerOf(stun('0001'), { host: '::ffff:c000:201', port: 1 }));
    expect(answerOf(stun('0001'), { host: 'fe80::1%eth0', port: 1 })).toBe(
      answerOf(stun('0001'), { host: 'fe80::1', port: 1 }),
    );
  });

  it('may carry attributes that need not be understood, and credentials', () => {
    const software = '8022000561626364' + '65000000';
    const username = '0006000161000000';
    expect(answerOf(stun('0001', software + username))).toBe(answerOf(stun('0001')));
  });

  it('is refused with 420 and the attributes that are not known', () => {
    const answer = answerOf(stun('0001', '00240004000000010025' + '0000')) ?? '';
    expect(answer.slice(0, 4)).toBe('0111');
    expect(answer).toContain('000900150000041455'); // 420 U...
    expect(answer.endsWith('000a000400240025')).toBe(true);
    expect(answer.length / 2 - 20).toBe(Number.parseInt(answer.slice(4, 8), 16));
  });
});

describe('other STUN', () => {
  it.each([
    ['an indication', stun('0011')],
    ['a response', stun('0101')],
    ['a request of another kind', stun('0003')],
    ['a length that lies', stun('0001', '', '0004')],
    ['half an attribute', stun('0001', '8022')],
    ['an attribute that does not fit', stun('0001', '80220009616263646566')],
  ])('is not answered: %s', (_what, bytes) => {
    expect(isStun(bytes)).toBe(true);
    expect(stunAnswer(bytes, V4)).toBeUndefined();
  });

  it.each([
    ['SIP', Buffer.from('OPTIONS sip:a@example.com SIP/2.0\r\n')],
    ['too short', stun('0001').subarray(0, 19)],
    ['another cookie', Buffer.concat([Buffer.alloc(4), Buffer.from('cafebabe'), Buffer.alloc(12)])],
  ])('is none: %s', (_what, bytes) => {
    expect(isStun(bytes)).toBe(false);
  });
});

it('never throws, nor answers with much more than it got', () => {
  const noise = fc.uint8Array({ maxLength: 80 });
  fc.assert(
    fc.property(noise, noise, fc.integer({ min: 0, max: 99 }), (head, tail, length) => {
      const bytes = Buffer.concat([stun('0001', Buffer.from(tail).toString('hex')), head]);
      if (length < bytes.length - 20) bytes.writeUInt16BE(length, 2);
      const answer = isStun(bytes) ? stunAnswer(bytes, V4) : undefined;
      expect((answer?.length ?? 0) <= bytes.length + 52).toBe(true);
    }),
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRtcp, payloadEnd, payloadOffset, sequenceDistance } from './rtp-packet.js';

describe('RTP packets', () => {
  it('finds the payload behind CSRCs and extension, and before padding', () => {
    const packet = Buffer.from(
      'b100000100000010deadbeef00000009' + 'bede0001aabbccdd' + '0102030405' + '000003',
      'hex',
    );
    const start = payloadOffset(packet);
    expect(packet.subarray(start, payloadEnd(packet, start)).toString('hex')).toBe('0102030405');
  });

  it('stays within any buffer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const packet = Buffer.from(bytes);
        const start = payloadOffset(packet);
        if (start < 0) return;
        const end = payloadEnd(packet, start);
        expect(start).toBeGreaterThanOrEqual(12);
        if (end >= 0) expect(end).toBeGreaterThanOrEqual(start);
        expect(end).toBeLessThanOrEqual(packet.length);
      }),
    );
  });

  it('tells RTCP from RTP with marker (RFC 5761 section 4)', () => {
    expect(
      [200, 201, 206, 0x80 | 111, 0x80, 111].map((type) => isRtcp(Buffer.of(0x80, type))),
    ).toEqual([true, true, true, false, false, false]);
  });

  it('measures sequence distances over the wrap', () => {
    expect(sequenceDistance(2, 65_535)).toBe(3);
    expect(sequenceDistance(65_535, 2)).toBe(-3);
  });
});

import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { formatFrame, parseFrame } from './frame.js';
import { FrameError, FrameReader } from './frame-reader.js';

const text = (payloads: Iterable<Buffer>): string[] => [...payloads].map(String);

describe('FrameReader', () => {
  it('finds the same payloads wherever the stream is split', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, unit: 'grapheme' }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat({ max: 400 }), { maxLength: 12 }),
        (payloads, cuts) => {
          const stream = Buffer.concat(
            payloads.map((payload) =>
              Buffer.from(`${Buffer.byteLength(payload)}#${payload}`, 'utf8'),
            ),
          );
          const reader = new FrameReader(10_000);
          const found: string[] = [];
          let start = 0;
          for (const cut of [...cuts, stream.length].sort((a, b) => a - b)) {
            const end = Math.min(cut, stream.length);
            found.push(...text(reader.push(stream.subarray(start, end))));
            start = end;
          }
          expect(found).toEqual(payloads);
        },
      ),
    );
  });

  it('reads byte by byte, digits included', () => {
    const reader = new FrameReader(100);
    const found: string[] = [];
    for (const byte of Buffer.from('6#a|ping11#b|route|bye'))
      found.push(...text(reader.push(Buffer.from([byte]))));
    expect(found).toEqual(['a|ping', 'b|route|bye']);
  });

  it('counts bytes, not characters', () => {
    const reader = new FrameReader(100);
    expect(text(reader.push(Buffer.from('5#a|€2#ok', 'utf8')))).toEqual(['a|€', 'ok']);
  });

  it.each([
    ['x#a', 'digits'],
    ['#a', 'no length'],
    ['0#', 'no length'],
    ['-1#a', 'digits'],
    ['101#', 'longer than 100'],
    ['99999999999999999999', 'longer than 100'],
    ['00000000000001#a', 'longer than 100'],
  ])('refuses %s', (bytes, why) => {
    const reader = new FrameReader(100);
    expect(() => [...reader.push(Buffer.from(bytes))]).toThrow(FrameError);
    expect(() => [...new FrameReader(100).push(Buffer.from(bytes))]).toThrow(why);
  });

  it('refuses a long frame before its payload arrives', () => {
    const reader = new FrameReader(100);
    expect(text(reader.push(Buffer.from('100#')))).toEqual([]);
    expect(() => [...new FrameReader(99).push(Buffer.from('100#'))]).toThrow(FrameError);
  });

  it('takes a new limit from the next frame on', () => {
    const reader = new FrameReader(4);
    const payloads = reader.push(Buffer.from('4#abcd6#abcdef'));
    expect(String(payloads.next().value)).toBe('abcd');
    reader.maxBytes = 6;
    expect(String(payloads.next().value)).toBe('abcdef');
  });
});

describe('frame', () => {
  it('separates tokens from the message at the first line break', () => {
    expect(parseFrame(Buffer.from('1|sip|t||\r\nBYE sip:x SIP/2.0\r\n\r\n'))).toEqual({
      id: '1',
      type: 'sip',
      tokens: ['t', '', ''],
      message: Buffer.from('BYE sip:x SIP/2.0\r\n\r\n'),
    });
    expect(parseFrame(Buffer.from('1|ping')).message).toBeUndefined();
  });

  it('never lets a token forge another token or a message', () => {
    const bytes = formatFrame(['a', 'b|c\r\nd'], Buffer.from('x'));
    expect(bytes.toString()).toBe('11#a|b c  d\r\nx');
  });
});

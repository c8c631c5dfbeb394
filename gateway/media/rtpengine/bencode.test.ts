import { describe, expect, it } from 'vitest';
import { decodeDictionary, encode } from './bencode.js';

describe('bencode', () => {
  it('reads back what it writes, counting strings in bytes', () => {
    const value = { command: 'offer', list: ['a', 7, -1, {}], sdp: 'v=0\r\ns=héllo\r\n' };
    expect(decodeDictionary(encode(value))).toEqual(value);
    expect(encode('é').toString()).toBe('2:é');
    expect(encode([Buffer.of(0xff, 0)]).toString('latin1')).toBe('l2:\xff\0e');
  });

  it.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['a list', 'l1:ae'],
    ['a cut dictionary', 'd1:ai1e'],
    ['a string longer than the datagram', 'd1:a9999:xe'],
    ['a negative length', 'd1:a-1:e'],
    ['an integer that is none', 'd1:aixe'],
    ['something behind the end', 'd1:ai1eex'],
    ['lists without end', 'd1:a' + 'l'.repeat(60_000)],
  ])('refuses %s', (_, text) => {
    expect(decodeDictionary(Buffer.from(text))).toBeUndefined();
  });
});

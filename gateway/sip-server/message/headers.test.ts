import { describe, expect, it } from 'vitest';
import {
  addHeader,
  addHeaderFirst,
  canonicalName,
  getHeader,
  getHeaders,
  getList,
  hasHeader,
  removeHeaders,
  setHeader,
  splitList,
} from './headers.js';

function holder(...rows: [string, string][]): { headers: { name: string; value: string }[] } {
  return { headers: rows.map(([name, value]) => ({ name, value })) };
}

describe('headers', () => {
  it.each([
    ['i', 'call-id'],
    ['M', 'contact'],
    ['f', 'from'],
    ['T', 'to'],
    ['v', 'via'],
    ['X', 'session-expires'],
    ['q', 'q'],
    ['Call-ID', 'call-id'],
  ])('%s is %s', (name, canonical) => {
    expect(canonicalName(name)).toBe(canonical);
  });

  it('finds by any spelling, compact or long', () => {
    const message = holder(['I', 'abc'], ['X-Foo', '1'], ['x-foo', '2']);
    expect(getHeader(message, 'Call-ID')).toBe('abc');
    expect(getHeader(message, 'i')).toBe('abc');
    expect(getHeaders(message, 'X-FOO')).toEqual(['1', '2']);
    expect(hasHeader(message, 'From')).toBe(false);
  });

  it('sets in place, keeps the spelling and drops doubles', () => {
    const message = holder(['m', '<sip:a>'], ['To', 'x'], ['Contact', '<sip:b>']);
    setHeader(message, 'Contact', '<sip:c>');
    expect(message.headers).toEqual([
      { name: 'm', value: '<sip:c>' },
      { name: 'To', value: 'x' },
    ]);
    setHeader(message, 'Expires', '60');
    expect(message.headers[2]).toEqual({ name: 'Expires', value: '60' });
  });

  it('adds at either end and removes all', () => {
    const message = holder(['Via', 'b']);
    addHeader(message, 'v', 'c');
    addHeaderFirst(message, 'Via', 'a');
    expect(getHeaders(message, 'via')).toEqual(['a', 'b', 'c']);
    removeHeaders(message, 'V');
    expect(message.headers).toEqual([]);
  });
});

describe('splitList', () => {
  it.each([
    ['', []],
    ['a', ['a']],
    [' a , b ', ['a', 'b']],
    ['a,,b,', ['a', 'b']],
    ['"a, b" <sip:x@y>, <sip:c,d@e>', ['"a, b" <sip:x@y>', '<sip:c,d@e>']],
    ['"quoted \\", still" <sip:x>;p="1,2", b', ['"quoted \\", still" <sip:x>;p="1,2"', 'b']],
    ['"open, quote', ['"open, quote']],
    ['<sip:a"b@c>, <sip:d>', ['<sip:a"b@c>', '<sip:d>']],
  ])('%j', (value, expected) => {
    expect(splitList(value)).toEqual(expected);
  });

  it('joins the rows of a message in order', () => {
    const message = holder(['Route', '<sip:a>, <sip:b>'], ['To', 'x'], ['route', '<sip:c>']);
    expect(getList(message, 'Route')).toEqual(['<sip:a>', '<sip:b>', '<sip:c>']);
  });
});

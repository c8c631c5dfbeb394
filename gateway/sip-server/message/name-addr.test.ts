import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatNameAddr, getTag, parseNameAddr, tagOf, withTag } from './name-addr.js';
import { formatParams, getParam, parseParams, quote, setParam, unquote } from './params.js';

describe('parseNameAddr', () => {
  it.each([
    ['<sip:a@b>', { uri: 'sip:a@b', params: [] }],
    ['sip:a@b;tag=1', { uri: 'sip:a@b', params: [{ name: 'tag', value: '1' }] }],
    ['<sip:a@b;lr>;x', { uri: 'sip:a@b;lr', params: [{ name: 'x' }] }],
    ['Alice Smith <sip:a@b>', { displayName: 'Alice Smith', uri: 'sip:a@b', params: [] }],
    ['"A \\"B\\" <c>, d" <sip:a@b>', { displayName: 'A "B" <c>, d', uri: 'sip:a@b', params: [] }],
    ['Dr. J/ü <sip:a@b>', { displayName: 'Dr. J/ü', uri: 'sip:a@b', params: [] }],
    ['<tel:+1>', { uri: 'tel:+1', params: [] }],
    ['<urn:service:sos>', { uri: 'urn:service:sos', params: [] }],
    [
      'sip:a@b ; tag = 7 ; p="<;>"',
      {
        uri: 'sip:a@b',
        params: [
          { name: 'tag', value: '7' },
          { name: 'p', value: '"<;>"' },
        ],
      },
    ],
  ])('%s', (text, expected) => {
    expect(parseNameAddr(text)).toEqual(expected);
  });

  it.each([
    '',
    '*',
    'bob',
    '<>',
    '<sip:a@b',
    '"open <sip:a@b>',
    '<sip:a b>',
    '<sip:a@b> junk',
    'a"b <sip:a@b>',
    '"a" b <sip:c>',
  ])('refuses %j', (text) => {
    expect(parseNameAddr(text)).toBeUndefined();
  });

  it('reads and sets tags', () => {
    expect(tagOf('<sip:a@b;tag=no>;tag=yes')).toBe('yes');
    expect(tagOf('<sip:a@b>')).toBeUndefined();
    expect(tagOf(undefined)).toBeUndefined();
    expect(withTag('"X" <sip:a@b>', 't')).toBe('"X" <sip:a@b>;tag=t');
    expect(withTag('<sip:a@b>;tag=old', 't')).toBe('<sip:a@b>;tag=t');
    expect(withTag('sip:a@b;x=y', 't')).toBe('<sip:a@b>;x=y;tag=t');
    expect(withTag('nonsense', 't')).toBeUndefined();
    expect(getTag({ uri: 'sip:a', params: [{ name: 'TAG', value: 'q' }] })).toBe('q');
  });

  it('brings any display name through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (raw) => {
        const displayName = raw.trim();
        fc.pre(displayName !== '' && displayName === raw);
        const text = formatNameAddr({ displayName, uri: 'sip:a@b', params: [] });
        expect(parseNameAddr(text)).toEqual({ displayName, uri: 'sip:a@b', params: [] });
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        parseNameAddr(text);
        parseNameAddr(`"${text}" <sip:a@b>;${text}`);
      }),
    );
  }, 60_000);
});

describe('params', () => {
  it('parses, changes and writes', () => {
    const params = parseParams(';a=1; b ;;c = "x;y"')!;
    expect(params).toEqual([
      { name: 'a', value: '1' },
      { name: 'b' },
      { name: 'c', value: '"x;y"' },
    ]);
    setParam(params, 'B', '2');
    setParam(params, 'd');
    expect(formatParams(params)).toBe(';a=1;B=2;c="x;y";d');
    expect(getParam(params, 'D')).toBe('');
    expect(getParam(params, 'e')).toBeUndefined();
  });

  it.each(['a=1', ';a b', ';a="open', ';a=b c', ';=x', ';a=<b>'])('refuses %j', (text) => {
    expect(parseParams(text)).toBeUndefined();
  });

  it('quotes and unquotes', () => {
    expect(quote('a"\\b')).toBe('"a\\"\\\\b"');
    expect(unquote('"a\\"\\\\b"')).toBe('a"\\b');
    expect(unquote('plain')).toBe('plain');
  });
});

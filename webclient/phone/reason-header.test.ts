import { describe, expect, it } from 'vitest';
import { bestReason, parseReason } from './reason-header.js';

describe('parseReason', () => {
  it('reads protocol, cause and a quoted text (RFC 3326 section 2)', () => {
    expect(parseReason(['SIP;cause=486;text="Busy Here"'])).toEqual([
      { protocol: 'SIP', cause: 486, text: 'Busy Here' },
    ]);
  });

  it('keeps commas, semicolons and escaped quotes inside the text', () => {
    const header = 'sip ; text="a, b; \\"c\\" \\\\ d" ; cause=503';
    expect(parseReason([header])).toEqual([
      { protocol: 'SIP', cause: 503, text: 'a, b; "c" \\ d' },
    ]);
  });

  it('reads several values in one header and in several', () => {
    const values = parseReason(['Q.850;cause=17, SIP;cause=486', 'X;text=plain']);
    expect(values).toEqual([
      { protocol: 'Q.850', cause: 17 },
      { protocol: 'SIP', cause: 486 },
      { protocol: 'X', text: 'plain' },
    ]);
  });

  it.each(['', ';', ',,,', '"', 'SIP;cause=abc;text=', 'SIP;text="open', '=;=', 'SIP;cause=99999'])(
    'survives %j',
    (header) => {
      for (const value of parseReason([header])) {
        expect(value.cause).toBeUndefined();
        expect(value.protocol).not.toBe('');
      }
    },
  );

  it('keeps the text of an unterminated quote', () => {
    expect(parseReason(['SIP;text="open'])).toEqual([{ protocol: 'SIP', text: 'open' }]);
  });
});

describe('bestReason', () => {
  it('believes SIP before Q.850, and a text before none', () => {
    expect(bestReason(['Q.850;cause=17;text="User busy"', 'SIP;cause=486'])?.protocol).toBe('SIP');
    expect(bestReason(['SIP;cause=486', 'SIP;cause=486;text="x"'])?.text).toBe('x');
    expect(bestReason([])).toBeUndefined();
  });
});

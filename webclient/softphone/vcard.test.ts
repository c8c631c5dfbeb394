import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromVcards, toVcards } from './vcard.js';

describe('vCards', () => {
  it('come back as they went', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 });
    const entry = fc.record({
      name: name.map((text) => text.replace(/[\s\\]/g, '') || 'x'),
      number: fc.stringMatching(/^\+?[0-9]{1,15}$/),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 5 }), (list) => {
        const text = toVcards(list.map((one) => ({ id: '', ...one })));
        expect(fromVcards(text)).toEqual(list);
        for (const line of text.split('\r\n'))
          expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
      }),
    );
  });

  it('of other address books are read: groups, parameters, folded lines, several numbers', () => {
    const text = [
      'BEGIN:VCARD',
      'VERSION:3.0',
      'N:Müller;Anna;;;',
      'FN:Anna',
      '  Müller\\, Ltd.',
      'item1.TEL;type=CELL;type="a:b":+49 (0)30 123-456',
      'TEL;VALUE=uri;TYPE=work:tel:+49-40-555',
      'END:VCARD',
      'begin:vcard',
      'fn:Without a number',
      'end:vcard',
      'BEGIN:VCARD',
      'TEL:600',
      'END:VCARD',
    ].join('\n');
    expect(fromVcards(text)).toEqual([
      { name: 'Anna Müller, Ltd.', number: '+4930123456' },
      { name: 'Anna Müller, Ltd.', number: '+4940555' },
    ]);
  });

  it.each(['', 'name,number\nAnna,600', '\u0000\u0001'])('are not found in %j', (text) => {
    expect(fromVcards(text)).toEqual([]);
  });
});

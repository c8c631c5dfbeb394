import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editEntry, showEntry, type FieldChange } from './number-edit.js';
import { formatNumber } from './number-format.js';

/** `+49 30| 1` has the caret where the bar is. */
function at(marked: string): { text: string; caret: number } {
  return { text: marked.replace('|', ''), caret: marked.indexOf('|') };
}

function edit(before: string, marked: string, kind = 'insertText'): string {
  const change: FieldChange = { before, ...at(marked), kind };
  const { shown, caret } = editEntry(change, formatNumber);
  return `${shown.slice(0, caret)}|${shown.slice(caret)}`;
}

describe('the number field', () => {
  it.each([
    ['at the end', '+493012', '+49 30 123|', '+49 30 123|'],
    ['in the middle', '+493012', '+49 309| 12', '+49 309|12'],
    ['at the front', '493012', '+|493012', '+|49 30 12'],
    ['a letter in a number is a name', '+49', '+49 x|', '+49 x|'],
    ['a national number stays as it is', '030', '0301|', '0301|'],
    ['a pause', '+493012', '+49 30 12,|', '+493012,|'],
    ['behind a pause', '+493012,,1', '+493012,,12|', '+493012,,12|'],
    ['a name', 'Ann', 'Anna|', 'Anna|'],
  ])('keeps the caret: %s', (...[, before, typed, expected]) => {
    // How digits are grouped is the library's affair.
    expect(edit(before, typed).replaceAll(' ', '')).toBe(expected.replaceAll(' ', ''));
  });

  it.each([
    ['a tel: link', 'tel:+49 (30) 123-456|', '+49 30 123456|'],
    ['a sip: address', 'sip:bob@example.com|', 'bob|'],
    ['a number with a national prefix', '+49 (0)30 123456|', '+49 30 123456|'],
  ])('takes up %s that was pasted', (_name, pasted, expected) => {
    expect(edit('', pasted, 'insertFromPaste')).toBe(expected);
  });

  it('deletes the digit beside a separator, not the separator alone', () => {
    expect(edit('+493012', '+49 30|12', 'deleteContentBackward')).toBe('+49 3|12');
    expect(edit('+493012', '+49 30|12', 'deleteContentForward')).toBe('+49 30| 2');
    expect(edit('+493012', '+49 30 1|', 'deleteContentBackward')).toBe('+49 30 1|');
  });

  it('shows what was typed until the numbering plans are loaded', () => {
    expect(showEntry('+4930123', undefined)).toBe('+4930123');
    expect(editEntry({ before: '', ...at('+49 30|'), kind: '' }, undefined)).toEqual({
      entry: '+4930',
      shown: '+4930',
      caret: 5,
    });
  });

  it('never changes a digit, and the caret stays inside', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^\+\d{1,15}$/),
        fc.nat(15),
        fc.constantFrom('insertText', ''),
        (number, typedAt, kind) => {
          const shown = formatNumber(number);
          const caret = Math.min(typedAt, shown.length);
          const result = editEntry({ before: '', text: shown, caret, kind }, formatNumber);
          expect(result.entry).toBe(number);
          expect(result.shown.replace(/[^+\d]/g, '')).toBe(number);
          expect(result.shown.slice(0, result.caret).replace(/[^+\d]/g, '')).toBe(
            shown.slice(0, caret).replace(/[^+\d]/g, ''),
          );
        },
      ),
    );
  });
});

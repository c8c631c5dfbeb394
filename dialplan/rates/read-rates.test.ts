import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateTable } from './rate-table.js';
import { readRates } from './read-rates.js';

const NOW = Date.parse('2026-11-26T12:00:00Z');

async function rate(csv: string, number: string, at = NOW) {
  const { rates, problems } = await readRates(csv);
  expect(problems).toEqual([]);
  const index = rates.find(number, at);
  return index < 0 ? undefined : rates.rateAt(index);
}

describe('a rate deck', () => {
  it('is read with the names, delimiters and decimals that carriers use', async () => {
    expect(await rate('Prefix,Rate\n49,0.01', '+4930')).toMatchObject({ ratePerMinute: 0.01 });
    expect(await rate('\uFEFFDial Code;Price per min\r\n+49;0,012\r\n', '+4930')).toMatchObject({
      ratePerMinute: 0.012,
    });
    expect(await rate('country\tcode\tprice\nGermany, all\t0049\t1\n', '+4930')).toMatchObject({
      ratePerMinute: 1,
    });
    expect(await rate('prefix,rate,"quality",setup_fee\n"49","0.5",80,0.25', '+491')).toMatchObject(
      {
        quality: 80,
        connectionFee: 0.25,
      },
    );
  });

  it('knows when a rate holds; of two the one that began last', async () => {
    const csv = [
      'prefix,rate,effective_from,effective_until',
      '49,0.03,,2026-12-31T23:59:59Z',
      '49,0.02,2026-11-01,',
      '49,0.01,2027-01-01,',
      '4930,0.5,2027-06-01,',
    ].join('\n');
    expect((await rate(csv, '+4930', Date.parse('2026-10-01')))?.ratePerMinute).toBe(0.03);
    expect((await rate(csv, '+4930', NOW))?.ratePerMinute).toBe(0.02);
    expect((await rate(csv, '+4930', Date.parse('2027-02-01')))?.ratePerMinute).toBe(0.01);
    expect((await rate(csv, '+4930', Date.parse('2027-07-01')))?.ratePerMinute).toBe(0.5);
  });

  it('names the lines that cannot be read, and takes the others', async () => {
    const { rates, problems } = await readRates(
      'prefix,rate,effective from,quality\n49,0.01,,\n49x,1,,\n33,dear,,\n44,1,31.12.2026,\n1,1,,200\n',
    );
    expect(rates.size).toBe(1);
    expect(problems).toEqual([
      { line: 3, sentence: 'has the prefix "49x", which is none' },
      { line: 4, sentence: 'has the rate "dear", which is no amount' },
      {
        line: 5,
        sentence: 'has the date "31.12.2026", which is not like 2026-01-31 or 2026-01-31T12:00:00Z',
      },
      { line: 6, sentence: 'has the quality "200", which is not from 0 to 100' },
    ]);
  });

  it.each([
    ['', /no column for the prefix/],
    ['number,cost\n1,2', /no column for the prefix/],
    ['prefix,rate\n"49,0.1', /is no CSV/],
    ['\u0000\u0001\uFFFD', /no column/],
  ])('%j is none', async (text, sentence) => {
    expect((await readRates(text)).problems[0]?.sentence).toMatch(sentence);
  });
});

describe('the table', () => {
  it('finds the longest prefix, as a plain search does', () => {
    const digits = fc.string({
      unit: fc.constantFrom('0', '1', '2', '3', '9'),
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(fc.array(digits, { minLength: 1, maxLength: 60 }), digits, (prefixes, number) => {
        const table = new RateTable(1);
        prefixes.forEach((prefix, index) => {
          table.add({
            ...{ prefix, ratePerMinute: index, connectionFee: 0, quality: undefined },
            ...{ effectiveFrom: -Infinity, effectiveUntil: Infinity },
          });
        });
        const longest = prefixes
          .filter((prefix) => number.startsWith(prefix))
          .reduce((best, prefix) => (prefix.length > best.length ? prefix : best), '');
        const index = table.find(number, NOW);
        if (longest === '') expect(index).toBe(-1);
        else expect(prefixes[table.rateAt(index).ratePerMinute]).toBe(longest);
      }),
    );
  });

  it('takes numbers of any length and content', () => {
    const table = new RateTable();
    const always = { effectiveFrom: -Infinity, effectiveUntil: Infinity, quality: 0 };
    table.add({ prefix: '123456789012345', ratePerMinute: 1, connectionFee: 0, ...always });
    expect(table.find('+1234567890123456789', NOW)).toBe(0);
    expect(table.find('+', NOW)).toBe(-1);
    expect(table.find('hello', NOW)).toBe(-1);
    expect(() => {
      table.add({ prefix: '+49', ratePerMinute: 1, connectionFee: 0, ...always });
    }).toThrow(RangeError);
  });
});

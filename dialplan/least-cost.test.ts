import { describe, expect, it } from 'vitest';
import { createDialplan } from './create-dialplan.js';
import type { LeastCost } from './dialplan-config.js';
import type { RateDeck } from './rates/rate-deck.js';
import { readRates } from './rates/read-rates.js';

const AT = Date.parse('2026-11-26T12:00:00Z');

async function deck(trunk: string, csv: string, quality = 50): Promise<RateDeck> {
  const { rates, problems } = await readRates(csv);
  expect(problems).toEqual([]);
  return { trunk, quality, rates };
}

const decks = [
  await deck('cheap', 'prefix,rate\n49,0.010\n4915,0.080\n33,0.02', 30),
  await deck('good', 'prefix,rate\n49,0.015\n4915,0.060\n', 90),
  await deck('late', 'prefix,rate,effective from\n49,0.001,2027-01-01\n'),
];

function explain(settings: LeastCost, dialled: string) {
  const rules = [{ name: 'lcr', leastCost: settings }];
  const plan = createDialplan({ country: 'DE', routes: [], refuse: [], rules }, { decks });
  return plan.explain(dialled, { user: 'alice', at: AT });
}

function trunks(settings: LeastCost, dialled: string): string[] {
  const { plan } = explain(settings, dialled);
  return plan.kind === 'route' ? plan.routes.map(({ trunk }) => trunk) : [];
}

describe('least-cost routing', () => {
  it('takes the cheapest by the longest prefix that is in force', () => {
    expect(trunks({}, '030 1234567')).toEqual(['cheap', 'good']);
    expect(trunks({}, '0151 23456789')).toEqual(['good', 'cheap']);
    expect(explain({}, '0151 23456789').plan).toMatchObject({
      routes: [{ ratePerMinute: 0.06 }, { ratePerMinute: 0.08 }],
    });
  });

  it('takes the best first when quality is preferred', () => {
    expect(trunks({ prefer: 'quality' }, '030 1234567')).toEqual(['good', 'cheap']);
  });

  it('leaves out what is too dear, too bad or not named, and says so', () => {
    expect(trunks({ maxRate: 0.07 }, '0151 23456789')).toEqual(['good']);
    expect(trunks({ minQuality: 40 }, '030 1234567')).toEqual(['good']);
    expect(trunks({ trunks: ['cheap'] }, '030 1234567')).toEqual(['cheap']);
    expect(explain({ maxRate: 0.07 }, '0151 23456789').rates).toEqual([
      'cheap asks 0.08, more than 0.07',
      'good asks 0.06 at quality 90',
      'late has no rate for it',
    ]);
  });

  it('falls back, or refuses with what each carrier says', () => {
    expect(trunks({ fallback: ['pbx', 'cheap'] }, '+33123456789')).toEqual(['cheap', 'pbx']);
    expect(trunks({ fallback: ['pbx'] }, '+393401234567')).toEqual(['pbx']);
    expect(explain({ trunks: ['good'] }, '+33123456789').plan).toMatchObject({
      code: 'CL_DIAL_NO_ROUTE',
      sentence: 'The rule lcr finds no carrier for +33123456789: good has no rate for it.',
    });
  });
});

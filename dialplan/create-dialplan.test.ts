import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDialplan } from './create-dialplan.js';

const dialplan = createDialplan({
  country: 'DE',
  routes: [
    { name: 'anything', prefix: '+', users: ['alice'], trunks: ['world'] },
    { name: 'germany', prefix: '+49', trunks: ['carrier', 'backup'] },
    { name: 'berlin', prefix: '+4930', trunks: ['berlin'] },
    { name: 'berlin-of-bob', prefix: '+4930', users: ['bob'], trunks: ['bob'] },
    { name: 'services', short: ['600', '*97'], trunks: ['pbx'] },
    { name: 'directory', short: ['11880'], users: ['alice'], trunks: ['carrier'] },
  ],
  refuse: [
    { name: 'premium', prefix: '+49900', reason: 'Premium-rate numbers are not allowed.' },
    { name: 'no-directory', short: ['11833'], reason: 'Use the company directory.' },
  ],
});
const alice = { user: 'alice' };
const carol = { user: 'carol' };

describe('routes', () => {
  it('sends a short code as dialled', () => {
    expect(dialplan.plan('600', carol)).toEqual({
      kind: 'route',
      number: '600',
      rule: 'services',
      routes: [{ trunk: 'pbx', number: '600' }],
    });
    expect(dialplan.plan('*97', carol)).toMatchObject({ kind: 'route', number: '*97' });
  });

  it('takes the longest prefix, and its trunks in order', () => {
    expect(dialplan.plan('030 1234567', carol)).toMatchObject({ rule: 'berlin' });
    expect(dialplan.plan('089 1234567', carol)).toEqual({
      kind: 'route',
      number: '+49891234567',
      rule: 'germany',
      routes: [
        { trunk: 'carrier', number: '+49891234567' },
        { trunk: 'backup', number: '+49891234567' },
      ],
    });
  });

  it('prefers the rule for the caller among equal prefixes', () => {
    expect(dialplan.plan('0301234567', { user: 'bob' })).toMatchObject({ rule: 'berlin-of-bob' });
  });

  it('uses a rule for named callers for them only', () => {
    expect(dialplan.plan('+33123456789', alice)).toMatchObject({ kind: 'route', rule: 'anything' });
  });
});

describe('refusals', () => {
  it.each([
    [
      '0900 1234567',
      'CL_DIAL_FORBIDDEN',
      403,
      'premium',
      'The rule premium refuses +499001234567: Premium-rate numbers are not allowed.',
    ],
    [
      '11833',
      'CL_DIAL_FORBIDDEN',
      403,
      'no-directory',
      'The rule no-directory refuses 11833: Use the company directory.',
    ],
    [
      '+33123456789',
      'CL_DIAL_FORBIDDEN',
      403,
      'anything',
      'The rule anything has a route for +33123456789, but not for carol.',
    ],
    [
      '11880',
      'CL_DIAL_FORBIDDEN',
      403,
      'directory',
      'The rule directory has a route for 11880, but not for carol.',
    ],
    [
      '112',
      'CL_DIAL_NO_ROUTE',
      404,
      undefined,
      'The emergency number 112 cannot be called: dialplan.emergency names no trunk.',
    ],
    [
      '113',
      'CL_DIAL_INVALID_NUMBER',
      484,
      undefined,
      'The number 113 is too short for a phone number and is no known short code.',
    ],
    [
      'hello',
      'CL_DIAL_INVALID_NUMBER',
      404,
      undefined,
      'The number contains the letter h, allowed are digits and +.',
    ],
  ])('%s: %s %i', (dialled, ...expected) => {
    const [code, sipStatus, rule, sentence] = expected;
    expect(dialplan.plan(dialled, carol)).toEqual({
      kind: 'refuse',
      code,
      sipStatus,
      rule,
      sentence,
    });
  });

  it('has no route where no rule fits', () => {
    const empty = createDialplan({ country: 'DE', routes: [], refuse: [] });
    expect(empty.plan('0301234567', alice)).toEqual({
      kind: 'refuse',
      code: 'CL_DIAL_NO_ROUTE',
      sipStatus: 404,
      sentence: 'No rule of the dialplan has a route for +49301234567.',
      rule: undefined,
    });
  });

  it('refuses to exist for a country that does not', () => {
    expect(() => createDialplan({ country: 'XX', routes: [], refuse: [] })).toThrow('country XX');
  });
});

describe('explain', () => {
  it('lists the rules in order with the reason for each', () => {
    const explanation = dialplan.explain('030 1234567', carol);
    expect(explanation.reading).toBe('Dialled in DE, the number is +49301234567.');
    expect(explanation.considered).toEqual([
      {
        name: 'premium',
        kind: 'refuse',
        outcome: 'other-number',
        why: 'the number does not begin with +49900',
      },
      {
        name: 'berlin-of-bob',
        kind: 'route',
        outcome: 'other-caller',
        why: '+4930 fits, but the rule is not for carol',
      },
      {
        name: 'berlin',
        kind: 'route',
        outcome: 'decided',
        why: '+4930 fits, and no rule before it does',
      },
    ]);
  });

  it('plans as plan() does and never throws, on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (dialled, user) => {
        const { plan, considered } = dialplan.explain(dialled, { user });
        expect(dialplan.plan(dialled, { user })).toEqual(plan);
        if (plan.kind === 'route') expect(plan.routes.length).toBeGreaterThan(0);
        expect(considered.filter(({ outcome }) => outcome === 'decided').length).toBeLessThan(2);
      }),
      { numRuns: 1_000 },
    );
  });

  it('sends each number with a route to the longest prefix that fits', () => {
    const digits = fc.string({
      unit: fc.constantFrom(...'0123456789'.split('')),
      minLength: 5,
      maxLength: 9,
    });
    fc.assert(
      fc.property(fc.constantFrom('030', '089', '0900'), digits, (area, rest) => {
        const plan = dialplan.plan(area + rest, carol);
        if (plan.kind === 'refuse' && plan.code === 'CL_DIAL_INVALID_NUMBER') return;
        const expected = { '030': 'berlin', '089': 'germany', '0900': 'premium' }[area];
        expect(plan.rule).toBe(expected);
      }),
    );
  });
});

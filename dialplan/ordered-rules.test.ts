import { describe, expect, it } from 'vitest';
import { createDialplan } from './create-dialplan.js';
import type { DialplanConfig, Rule } from './dialplan-config.js';

const BASE = { country: 'DE', routes: [], refuse: [] } satisfies DialplanConfig;
const alice = { user: 'alice' };

function ruleFor(rule: Omit<Rule, 'name' | 'trunks'>, rest: Partial<DialplanConfig> = {}) {
  const rules = [
    { name: 'special', trunks: ['a'], ...rule },
    { name: 'others', trunks: ['b'] },
  ];
  return createDialplan({ ...BASE, ...rest, rules });
}

describe('conditions on the number', () => {
  it.each([
    [{ prefixes: ['+4930', '+4989'] }, '089 1234567', '040 1234567'],
    [{ numbers: ['+49301234567'] }, '030 1234567', '030 1234568'],
    [{ pattern: '^\\+49\\d{9}$' }, '030 1234567', '030 12345678'],
    [{ countries: ['FR'] }, '+33 1 23 45 67 89', '030 1234567'],
    [{ types: ['mobile' as const] }, '0151 23456789', '030 1234567'],
    [{ types: ['toll-free' as const] }, '0800 1234567', '030 1234567'],
  ])('%j fits %s, not %s', (conditions, fits, doesNot) => {
    const dialplan = ruleFor(conditions);
    expect(dialplan.plan(fits, alice)).toMatchObject({ kind: 'route', rule: 'special' });
    expect(dialplan.plan(doesNot, alice)).toMatchObject({ kind: 'route', rule: 'others' });
  });

  it('keeps short codes and phone numbers apart', () => {
    const dialplan = ruleFor({ shortPattern: '^1\\d\\d$' });
    expect(dialplan.plan('123', alice)).toMatchObject({ number: '123', rule: 'special' });
    expect(dialplan.plan('030 1234567', alice)).toMatchObject({ rule: 'others' });
    expect(dialplan.plan('12', alice)).toMatchObject({ code: 'CL_DIAL_INVALID_NUMBER' });
  });

  it('looks at the rules in their order, before the short form', () => {
    const routes = [{ name: 'berlin', prefix: '+4930', trunks: ['c'] }];
    const rules = [{ name: 'germany', prefixes: ['+49'], trunks: ['a'] }];
    const dialplan = createDialplan({ ...BASE, routes, rules });
    expect(dialplan.plan('030 1234567', alice)).toMatchObject({ rule: 'germany' });
  });
});

describe('conditions on the caller', () => {
  it('knows users, groups, origins and sites', () => {
    const groups = { sales: ['alice', 'bob'] };
    const grouped = ruleFor({ users: ['dora'], groups: ['sales'] }, { groups });
    expect(grouped.plan('030 1234567', alice)).toMatchObject({ rule: 'special' });
    expect(grouped.plan('030 1234567', { user: 'dora' })).toMatchObject({ rule: 'special' });
    expect(grouped.plan('030 1234567', { user: 'carol' })).toMatchObject({ rule: 'others' });
    const widget = ruleFor({ origins: ['widget'], sites: ['shop'] });
    const visitor = { user: '', origin: 'widget' as const };
    expect(widget.plan('030 1234567', { ...visitor, site: 'shop' })).toMatchObject({
      rule: 'special',
    });
    expect(widget.plan('030 1234567', { ...visitor, site: 'x' })).toMatchObject({ rule: 'others' });
    expect(widget.plan('030 1234567', alice)).toMatchObject({ rule: 'others' });
  });
});

describe('hours', () => {
  const office = { days: ['mon' as const, 'fri' as const], from: '08:00', to: '18:00' };
  const night = { days: ['fri' as const], from: '22:00', to: '06:00' };
  it.each([
    ['Monday morning in Berlin', office, '2026-11-30T07:00:00Z', true],
    ['before it, also in Berlin', office, '2026-11-30T06:59:00Z', false],
    ['at its end', office, '2026-11-30T17:00:00Z', false],
    ['on Tuesday', office, '2026-12-01T10:00:00Z', false],
    ['in summer, one hour earlier by UTC', office, '2026-06-01T06:00:00Z', true],
    ['Friday night', night, '2026-11-27T22:00:00Z', true],
    ['Saturday before dawn', night, '2026-11-28T04:59:00Z', true],
    ['Saturday night', night, '2026-11-28T22:00:00Z', false],
  ])('%s', (...[, hours, at, open]) => {
    const dialplan = ruleFor({ hours: [{ ...hours, timezone: 'Europe/Berlin' }] });
    const plan = dialplan.plan('030 1234567', { user: 'alice', at: Date.parse(at) });
    expect(plan.rule).toBe(open ? 'special' : 'others');
  });

  it('says that a number has a route at other times only', () => {
    const rules = [{ name: 'day', trunks: ['a'], hours: [office] }];
    const dialplan = createDialplan({ ...BASE, rules, timezone: 'Europe/Berlin' });
    const at = Date.parse('2026-12-01T10:00:00Z');
    expect(dialplan.plan('030 1234567', { user: 'alice', at })).toMatchObject({
      code: 'CL_DIAL_FORBIDDEN',
      sentence:
        'The rule day has a route for +49301234567, but not now: it is not for this time (tue 11:00 Europe/Berlin).',
    });
  });
});

describe('rewriting', () => {
  it('goes on with the new number, also from a short code to a phone number', () => {
    const rules = [
      { name: 'desk', short: ['0'], rewrite: { pattern: '^0$', to: '+493012345670' } },
      { name: 'berlin', prefixes: ['+4930'], trunks: ['a'] },
    ];
    const explanation = createDialplan({ ...BASE, rules }).explain('0', alice);
    expect(explanation.plan).toMatchObject({ kind: 'route', number: '+493012345670' });
    expect(explanation.considered.map(({ outcome }) => outcome)).toEqual(['rewritten', 'decided']);
  });

  it('changes what the trunks of its own rule are asked for', () => {
    const dialplan = ruleFor({
      prefixes: ['+49'],
      rewrite: { pattern: '^\\+49(\\d+)$', to: '0$1' },
    });
    expect(dialplan.plan('030 1234567', alice)).toMatchObject({
      number: '+49301234567',
      routes: [{ trunk: 'a', number: '0301234567' }],
    });
  });

  it('reaches the short form as well', () => {
    const rules = [{ name: 'x', short: ['0'], rewrite: { pattern: '^0$', to: '+493012345670' } }];
    const routes = [{ name: 'berlin', prefix: '+4930', trunks: ['a'] }];
    expect(createDialplan({ ...BASE, rules, routes }).plan('0', alice)).toMatchObject({
      rule: 'berlin',
    });
  });
});

describe('refusing', () => {
  it('gives the reason of the rule', () => {
    const rules = [{ name: 'no', countries: ['FR'], refuse: 'Not to France.' }];
    expect(createDialplan({ ...BASE, rules }).plan('+33123456789', alice)).toMatchObject({
      code: 'CL_DIAL_FORBIDDEN',
      rule: 'no',
      sentence: 'The rule no refuses +33123456789: Not to France.',
    });
  });
});

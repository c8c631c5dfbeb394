import { describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.js';
import { parseConfig } from './parse.js';

/** Problems of a dialplan, one line each; the trunks are a and b, the user is alice, the group sales. */
function problems(dialplan: string): string {
  const text = `
sip: { domain: example.org }
users: [{ name: alice, password: long-enough }]
trunks: [{ name: a, host: 127.0.0.1 }, { name: b, host: 127.0.0.1 }]
dialplan:
  country: DE
  groups: { sales: [alice] }
${dialplan.replace(/^/gm, '  ')}`;
  try {
    parseConfig(text, 'test', {});
    return '';
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, sentence }) => `${path}: ${sentence}`).join('\n');
  }
}

describe('ordered rules', () => {
  it.each([
    ['{ name: x }', 'rules[0].trunks: is missing, and so are leastCost, refuse and rewrite'],
    ['{ name: x, trunks: [a], refuse: No. }', 'rules[0].refuse: stands beside trunks'],
    [
      "{ name: x, refuse: No., rewrite: { pattern: a, to: '1' } }",
      'rules[0].rewrite: stands beside refuse, which sends the number nowhere',
    ],
    ['{ name: x, trunks: [c] }', 'rules[0].trunks[0]: names no trunk'],
    [
      '{ name: x, trunks: [a], users: [alise] }',
      'rules[0].users[0]: names no user (did you mean alice?)',
    ],
    [
      '{ name: x, trunks: [a], groups: [sale] }',
      'rules[0].groups[0]: names no group (did you mean sales?)',
    ],
    [
      "{ name: x, trunks: [a], short: ['1'], types: [mobile] }",
      'rules[0].types: stands beside short',
    ],
    ["{ name: x, leastCost: {}, short: ['1'] }", 'rules[0].leastCost: stands beside short'],
    ['{ name: x, leastCost: {} }', 'rules[0].leastCost: has no rate deck'],
    [
      '{ name: x, leastCost: { trunks: [b] } }',
      'rules[0].leastCost.trunks[0]: is a trunk without a rate deck',
    ],
    [
      '{ name: emergency, trunks: [a] }',
      'rules[0].name: is the name of the rule for emergency numbers',
    ],
    ["{ name: x, trunks: [a], pattern: '(' }", 'rules[0].pattern: is no regular expression'],
    [
      '{ name: x, trunks: [a], countries: [Germany] }',
      'rules[0].countries[0]: is no known country',
    ],
    ['{ name: x, trunks: [a], hours: [{ from: 8, to: "18:00" }] }', 'rules[0].hours[0].from'],
    [
      '{ name: x, trunks: [a], hours: [{ from: "08:00", to: "18:00", timezone: Berlin }] }',
      'rules[0].hours[0].timezone: is no known time zone',
    ],
    ['{ name: x, trunks: [a], wen: {} }', 'rules[0].wen: is no known setting'],
  ])('%s', (rule, expected) => {
    expect(problems(`rules: [${rule}]`)).toContain(`dialplan.${expected}`);
  });

  it('takes a name once among all lists', () => {
    const found = problems(
      "rules: [{ name: x, trunks: [a] }]\nroutes: [{ name: X, prefix: '+', trunks: [a] }]",
    );
    expect(found).toContain('dialplan.routes[0].name: is the name of another rule as well');
  });
});

describe('what rules refer to', () => {
  it.each([
    ['rates: [{ trunk: c, file: x.csv }]', 'rates[0].trunk: names no trunk'],
    [
      'rates: [{ trunk: a, file: x.csv }, { trunk: a, file: y.csv }]',
      'rates[1].trunk: has a rate deck already',
    ],
    ['emergency: { trunks: [c] }', 'emergency.trunks[0]: names no trunk'],
    ["guard: { open: ['0900'] }", 'guard.open[0]'],
  ])('%s', (settings, expected) => {
    expect(problems(settings)).toContain(`dialplan.${expected}`);
  });

  it('names members of groups that are no users', () => {
    const found = problems('refuse: []').length;
    expect(found).toBe(0);
    const text = 'sip: { domain: x.org }\ndialplan: { country: DE, groups: { g: [bob] } }';
    expect(() => parseConfig(text, 'test', {})).toThrow('dialplan.groups.g[0]');
  });
});

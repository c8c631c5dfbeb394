import { describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.js';
import { checkConfig } from './parse.js';
import type { ConfigInput } from './schema.js';

type Inbound = NonNullable<ConfigInput['inbound']>;

function sentences(inbound: Inbound, change: Partial<ConfigInput> = {}): string[] {
  const input: ConfigInput = {
    sip: { domain: 'example.org' },
    users: ['alice', 'bob'].map((name) => ({ name, password: 'long-enough' })),
    trunks: [{ name: 'carrier', host: '127.0.0.1' }],
    dialplan: { country: 'DE' },
    inbound,
    ...change,
  };
  try {
    checkConfig(input, { source: 'test', written: input, lineOf: () => undefined });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError) || error.code !== 'CL_CONFIG_INVALID') throw error;
    return error.problems.map(({ path, sentence }) => `${path}: ${sentence}`);
  }
}

const rule = (given: Partial<NonNullable<Inbound['numbers']>[number]>): Inbound => ({
  numbers: [{ name: 'one', numbers: ['+4930'], ...given }],
});

describe('rules for called numbers', () => {
  it.each<[string, Inbound, string]>([
    ['no target', rule({}), 'inbound.numbers[0].user: is missing, and so are group and refuse'],
    [
      'two targets',
      rule({ user: 'alice', refuse: 'No.' }),
      'inbound.numbers[0].refuse: stands beside user',
    ],
    [
      'a fallback after a refusal',
      rule({ refuse: 'No.', fallback: '+4940' }),
      'inbound.numbers[0].fallback: stands beside refuse',
    ],
    ['an unknown user', rule({ user: 'alise' }), 'names no user (did you mean alice?)'],
    ['an unknown group', rule({ group: 'sales' }), 'nothing: there are no groups'],
    ['an unknown trunk', rule({ user: 'bob', trunks: ['x'] }), 'inbound.numbers[0].trunks[0]'],
    ['a number with letters', rule({ user: 'bob', numbers: ['abc'] }), 'allowed: a phone number'],
    [
      'a group with an unknown member',
      { groups: [{ name: 'g', members: [{ user: 'eve' }] }] },
      'inbound.groups[0].members[0].user: names no user',
    ],
    [
      'a number twice',
      {
        numbers: [
          { name: 'one', numbers: ['+4930'], user: 'alice' },
          { name: 'two', numbers: ['+4930'], user: 'bob' },
        ],
      },
      'inbound.numbers[1].numbers[0]: is the same as in the rule one',
    ],
  ])('%s is refused', (_name, inbound, expected) => {
    expect(sentences(inbound)).toEqual([expect.stringContaining(expected)]);
  });

  it('may be the same for other trunks, and lead to groups', () => {
    const numbers: Inbound['numbers'] = [
      { name: 'one', numbers: ['+4930', '+49*'], group: 'g', fallback: '+4940' },
      { name: 'two', numbers: ['+4930'], trunks: ['carrier'], user: 'bob' },
    ];
    const members = [{ user: 'alice', weight: 2 }, { user: 'bob' }];
    expect(sentences({ numbers, groups: [{ name: 'g', members }] })).toEqual([]);
  });
});

it('an extension means one user, and no short code', () => {
  const users = ['alice', 'bob'].map((name) => ({
    ...{ name, password: 'long-enough', extension: '21' },
  }));
  expect(sentences({}, { users })).toEqual([
    expect.stringContaining('users[1].extension: leads to the user alice already'),
  ]);
  const routes = [{ name: 'pbx', short: ['21'], trunks: ['carrier'] }];
  const dialplan = { country: 'DE', routes };
  expect(sentences({}, { users: users.slice(0, 1), dialplan })).toEqual([
    expect.stringContaining("users[0].extension: is a short code of the dialplan's rule pbx"),
  ]);
});

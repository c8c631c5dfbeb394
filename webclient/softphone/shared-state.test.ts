import { expect, it } from 'vitest';
import { parseShared } from './shared-state.js';

const state = { registration: 'registered', lines: [], shown: undefined };

it.each([
  [{ version: 1, kind: 'ask' }],
  [{ version: 1, kind: 'state', state }],
  [{ version: 1, kind: 'command', command: 'hang-up', line: 3 }],
])('takes %j', (message) => {
  expect(parseShared(message)).toBe(message);
});

it.each([
  [undefined],
  [null],
  ['ask'],
  [{ kind: 'ask' }],
  [{ version: 2, kind: 'ask' }],
  [{ version: 1, kind: 'reboot' }],
  [{ version: 1, kind: 'state' }],
  [{ version: 1, kind: 'state', state: { registration: 'registered' } }],
  [{ version: 1, kind: 'command', command: 'transfer', line: 3 }],
  [{ version: 1, kind: 'command', command: 'hang-up' }],
])('does not take %j: another page may be older or newer', (message) => {
  expect(parseShared(message)).toBeUndefined();
});

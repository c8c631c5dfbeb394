import { expect, it } from 'vitest';
import { callerOf } from './remote-party.js';

const request = (user: string, displayName: string, verified?: string) => ({
  from: { uri: { user, host: user === 'anonymous' ? 'anonymous.invalid' : 'a.test' }, displayName },
  getHeader: (name: string) => (name === 'X-Copperline-Verified' ? verified : undefined),
});

it('tells number, name and what the network says about them', () => {
  expect(callerOf(request('%2B49301234', 'Berlin', 'passed'))).toEqual({
    ...{ number: '+49301234', displayName: 'Berlin', verified: 'passed' },
  });
  expect(callerOf(request('bob', '', 'maybe'))).toEqual({ number: 'bob', verified: 'none' });
});

it('shows nothing of a caller who withholds the number', () => {
  expect(callerOf(request('anonymous', 'Anonymous', 'failed'))).toEqual({
    ...{ number: '', verified: 'failed' },
  });
});

it('survives an escape that makes no sense', () => {
  expect(callerOf(request('%zz', '')).number).toBe('%zz');
});

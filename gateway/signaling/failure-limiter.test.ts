import { expect, it } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.js';
import { FailureLimiter } from './failure-limiter.js';

const limits = { maxFailures: 3, windowMs: 1000, blockMs: 5000 };

it('blocks a source after too many failures, for a time, and no other', () => {
  const clock = new ManualClock();
  const limiter = new FailureLimiter(clock, limits);
  for (let count = 0; count < 3; count++) {
    expect(limiter.blockedForMs('a')).toBe(0);
    limiter.fail('a');
  }
  expect(limiter.blockedForMs('a')).toBe(5000);
  expect(limiter.blockedForMs('b')).toBe(0);
  clock.advance(5000);
  expect(limiter.blockedForMs('a')).toBe(0);
  limiter.fail('a');
  expect(limiter.blockedForMs('a')).toBe(0);
});

it('forgets failures after the window and after a success', () => {
  const clock = new ManualClock();
  const limiter = new FailureLimiter(clock, limits);
  limiter.fail('a');
  limiter.fail('a');
  clock.advance(1000);
  limiter.fail('a');
  limiter.fail('a');
  expect(limiter.blockedForMs('a')).toBe(0);
  limiter.succeed('a');
  limiter.fail('a');
  limiter.fail('a');
  expect(limiter.blockedForMs('a')).toBe(0);
});

it('remembers a bounded number of sources', () => {
  const limiter = new FailureLimiter(new ManualClock(), { ...limits, maxFailures: 1 });
  for (let source = 0; source <= 10_000; source++) limiter.fail(`s${source}`);
  expect(limiter.blockedForMs('s0')).toBe(0);
  expect(limiter.blockedForMs('s10000')).toBe(5000);
});

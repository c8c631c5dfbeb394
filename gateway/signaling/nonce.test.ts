import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.js';
import { Nonces } from './nonce.js';

describe('nonces', () => {
  it('are fresh once per nonce-count, upwards only', () => {
    const nonces = new Nonces(new ManualClock(), 1000);
    const nonce = nonces.create();
    expect(nonces.check(nonce, '00000002')).toBe('fresh');
    nonces.use(nonce, '00000002');
    expect(nonces.check(nonce, '00000002')).toBe('replayed');
    expect(nonces.check(nonce, '00000001')).toBe('replayed');
    expect(nonces.check(nonce, '0000000a')).toBe('fresh');
  });

  it('expire', () => {
    const clock = new ManualClock();
    const nonces = new Nonces(clock, 1000);
    const nonce = nonces.create();
    clock.advance(1000);
    expect(nonces.check(nonce, '00000001')).toBe('fresh');
    clock.advance(1);
    expect(nonces.check(nonce, '00000001')).toBe('expired');
  });

  it('of others, or changed ones, are foreign', () => {
    const clock = new ManualClock();
    const nonces = new Nonces(clock, 1000);
    const nonce = nonces.create();
    expect(new Nonces(clock, 1000).check(nonce, '00000001')).toBe('foreign');
    expect(nonces.check(`z${nonce}`, '00000001')).toBe('foreign');
    for (const text of ['', '.', '..', 'a.b.c.d']) expect(nonces.check(text, '1')).toBe('foreign');
  });

  it('need a count of eight hex digits', () => {
    const nonces = new Nonces(new ManualClock(), 1000);
    for (const count of [undefined, '', '1', '0000000g', '000000001'])
      expect(nonces.check(nonces.create(), count)).toBe('replayed');
  });

  it('are remembered only while they can be repeated', () => {
    const clock = new ManualClock();
    const nonces = new Nonces(clock, 1000);
    for (let round = 0; round < 100; round++) {
      nonces.use(nonces.create(), '00000001');
      clock.advance(100);
    }
    expect(nonces.size).toBeLessThanOrEqual(11);
  });
});

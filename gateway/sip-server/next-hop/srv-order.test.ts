import { describe, expect, it } from 'vitest';
import { srvRecord } from '../../../test/support/sip/scripted-dns.js';
import { orderSrv } from './srv-order.js';

describe('the order of SRV records (RFC 2782)', () => {
  it('is that of the priorities', () => {
    const records = [
      srvRecord('c', 1, { priority: 30 }),
      srvRecord('a', 1, { priority: 10 }),
      srvRecord('b', 1, { priority: 20 }),
    ];
    expect(orderSrv(records, () => 0.5).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  it('is drawn by weight within one priority', () => {
    const records = [
      srvRecord('light', 1, { priority: 10, weight: 10 }),
      srvRecord('heavy', 1, { priority: 10, weight: 30 }),
    ];
    const draws = 1_000;
    let heavyFirst = 0;
    // Evenly spread instead of random: the share is then exact.
    for (let draw = 0; draw < draws; draw++) {
      const [first] = orderSrv(records, () => (draw + 0.5) / draws);
      if (first?.name === 'heavy') heavyFirst += 1;
    }
    expect(heavyFirst / draws).toBeGreaterThan(0.7);
    expect(heavyFirst / draws).toBeLessThan(0.78);
  });

  it('draws weight 0 rarely, but draws it, and loses no record', () => {
    const records = [
      srvRecord('zero', 1, { priority: 10, weight: 0 }),
      srvRecord('some', 1, { priority: 10, weight: 50 }),
    ];
    expect(orderSrv(records, () => 0).map(({ name }) => name)).toEqual(['zero', 'some']);
    expect(orderSrv(records, () => 0.999).map(({ name }) => name)).toEqual(['some', 'zero']);
  });
});

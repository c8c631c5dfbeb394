import { describe, expect, it } from 'vitest';
import { Reception } from './reception.js';

function heard(...sequences: number[]): Reception {
  const reception = new Reception();
  for (const sequence of sequences) reception.packet(sequence & 0xffff, 7);
  return reception;
}

describe('Reception', () => {
  it('counts loss over the wrap of the sequence number (RFC 3550 A.3)', () => {
    const reception = heard(65_533, 65_534, 0, 1, 4);
    expect(reception.lost).toBe(3);
    expect(reception.report()).toMatchObject({
      ssrc: 7,
      cumulativeLost: 3,
      highestSequence: 65_536 + 4,
      fractionLost: Math.floor((3 * 256) / 8),
    });
  });

  it('reports the fraction of each interval alone', () => {
    const reception = heard(1, 2, 4);
    reception.report();
    for (const sequence of [5, 6, 7]) reception.packet(sequence, 7);
    expect(reception.report()).toMatchObject({ fractionLost: 0, cumulativeLost: 1 });
  });

  it('is not made negative by duplicates, and forgives late packets', () => {
    expect(heard(1, 2, 2, 2).lost).toBe(0);
    expect(heard(1, 3, 2).lost).toBe(0);
  });

  it('starts anew with another SSRC or a restarted sequence, keeping what was lost', () => {
    const reception = heard(1, 3);
    reception.packet(40_000, 7);
    reception.packet(40_001, 7);
    expect(reception.lost).toBe(1);
    reception.packet(5, 8);
    reception.packet(7, 8);
    expect(reception.lost).toBe(2);
    expect(reception.received).toBe(6);
  });

  it('measures interarrival jitter (RFC 3550 A.8)', () => {
    const reception = new Reception();
    let expected = 0;
    for (let index = 0; index < 200; index += 1) {
      const late = index % 2 === 0 ? 0 : 8;
      reception.arrival(index * 160, index * 20 + late);
      if (index > 0) expected += (64 - expected) / 16;
    }
    expect(reception.jitterMs).toBeCloseTo(expected / 8, 5);
    expect(reception.jitterMs).toBeGreaterThan(7.5);
    reception.arrival(900_000_000, 4000);
    expect(reception.jitterMs, 'a new timestamp base is no jitter').toBeLessThan(8.1);
  });

  it('says nothing before the first packet', () => {
    const reception = new Reception();
    expect([reception.started, reception.lost, reception.jitterMs]).toEqual([false, 0, 0]);
  });
});

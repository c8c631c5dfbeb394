import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { SHOP, solve } from '../../../test/support/widget-site.js';
import { ProofOfWork } from './proof-of-work.js';

const BEARER = { origin: SHOP, address: '192.0.2.1' };
const BITS = 10;

describe('a proof of work', () => {
  it('counts once', async () => {
    const work = new ProofOfWork(new ManualClock());
    const challenge = await work.challenge('shop', BITS, BEARER);
    const given = { challenge, solution: solve(challenge, BITS) };
    expect(await work.defect('shop', given, BEARER)).toBeUndefined();
    expect(await work.defect('shop', given, BEARER)).toBe('The challenge was used before.');
  });

  it('counts once for two requests at the same moment', async () => {
    const work = new ProofOfWork(new ManualClock());
    const challenge = await work.challenge('shop', BITS, BEARER);
    const given = { challenge, solution: solve(challenge, BITS) };
    const both = await Promise.all([1, 2].map(() => work.defect('shop', given, BEARER)));
    expect(both.filter((sentence) => sentence === undefined)).toHaveLength(1);
  });

  it('is over after two minutes', async () => {
    const clock = new ManualClock();
    const work = new ProofOfWork(clock);
    const challenge = await work.challenge('shop', BITS, BEARER);
    clock.advance(121_000);
    const given = { challenge, solution: solve(challenge, BITS) };
    expect(await work.defect('shop', given, BEARER)).toContain('too old');
  });

  it.each([
    ['another site', 'other', BEARER],
    ['another address', 'shop', { ...BEARER, address: '192.0.2.2' }],
    ['another page', 'shop', { ...BEARER, origin: 'https://evil.example' }],
  ])('counts not for %s', async (_who, site, bearer) => {
    const work = new ProofOfWork(new ManualClock());
    const challenge = await work.challenge('shop', BITS, BEARER);
    const given = { challenge, solution: solve(challenge, BITS) };
    expect(await work.defect(site, given, bearer)).toContain('another page or address');
  });

  it('needs the work', async () => {
    const work = new ProofOfWork(new ManualClock());
    const challenge = await work.challenge('shop', 24, BEARER);
    for (const solution of ['0', '', 'x'.repeat(17), 'é'])
      expect(await work.defect('shop', { challenge, solution }, BEARER)).toContain('wrong');
    const forged = { challenge: 'a.b.c', solution: '0' };
    expect(await work.defect('shop', forged, BEARER)).toContain('none that this gateway');
  });
});

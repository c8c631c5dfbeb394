import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.js';
import { createLog } from '../kernel/log.js';
import { TrunkAddresses } from './trunk-addresses.js';

const place = { host: 'sip.example', transport: 'udp' } as const;

describe('the addresses of a trunk', () => {
  it('follow DNS, survive its failures, which are told once, and are asked for no more once closed', async () => {
    const clock = new ManualClock();
    const lines: string[] = [];
    const log = createLog({
      level: 'info',
      destination: { write: (line) => void lines.push(line) },
    });
    let answer: () => Promise<string[]> = () => Promise.resolve(['192.0.2.1']);
    const addresses = new TrunkAddresses({ lookup: () => answer(), clock, log });
    addresses.watch(place);
    addresses.watch({ ...place, host: '192.0.2.50' });
    expect(addresses.has({ ...place, host: '192.0.2.50' }, '192.0.2.50')).toBe(true);
    await addresses.start();
    expect(addresses.has(place, '192.0.2.1')).toBe(true);
    expect(addresses.has({ ...place, host: 'other.example' }, '192.0.2.1')).toBe(false);
    answer = () => Promise.reject(new Error('DNS has no address for sip.example'));
    await clock.advanceAsync(120_000);
    expect(addresses.has(place, '192.0.2.1')).toBe(true);
    expect(lines).toHaveLength(1);
    answer = () => Promise.resolve(['192.0.2.2']);
    await clock.advanceAsync(60_000);
    expect(addresses.has(place, '192.0.2.1')).toBe(false);
    expect(addresses.has(place, '192.0.2.2')).toBe(true);
    await addresses.close();
    expect(clock.pending).toBe(0);
  });
});

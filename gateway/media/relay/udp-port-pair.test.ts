import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { UdpPortPairs, type PortRange } from './udp-port-pair.js';

function pairsIn(range: PortRange | undefined, clock = new ManualClock()): UdpPortPairs {
  return new UdpPortPairs({ host: '127.0.0.1', range, start: 0.9, clock });
}

describe('UdpPortPairs', () => {
  it('hands out an even port and the next one, anywhere', async () => {
    const pairs = pairsIn(undefined);
    const pair = await pairs.acquire();
    expect(pair.port % 2).toBe(0);
    expect(pair.rtp.address().port).toBe(pair.port);
    expect(pair.rtcp.address().port).toBe(pair.port + 1);
    expect(pairs.open).toBe(1);
    pairs.release(pair);
    expect(pairs.open).toBe(0);
    pairs.close();
  });

  it('stays in its range, steps over ports in use, and says when none is left', async () => {
    const anywhere = pairsIn(undefined);
    const found = await anywhere.acquire();
    const min = found.port;
    anywhere.release(found);
    anywhere.close();
    await Promise.all([once(found.rtp, 'close'), once(found.rtcp, 'close')]);
    const taken = createSocket('udp4').bind(min, '127.0.0.1');
    await once(taken, 'listening');
    const pairs = pairsIn({ min: min - 1, max: min + 3 });
    const pair = await pairs.acquire();
    expect(pair.port).toBe(min + 2);
    await expect(pairs.acquire()).rejects.toMatchObject({
      code: 'CL_MEDIA_UNAVAILABLE',
      message: `No pair of RTP ports could be opened on 127.0.0.1 (ports ${min - 1} to ${min + 3}).`,
    });
    expect(pairs.open).toBe(1);
    pairs.release(pair);
    pairs.close();
    taken.close();
  });

  it('lets ports of an ended call rest, deaf and bound, and uses them early only when it must', async () => {
    const clock = new ManualClock();
    const anywhere = pairsIn(undefined);
    const found = await anywhere.acquire();
    const min = found.port;
    anywhere.release(found);
    anywhere.close();
    await Promise.all([once(found.rtp, 'close'), once(found.rtcp, 'close')]);
    const pairs = pairsIn({ min, max: min + 1 }, clock);
    const first = await pairs.acquire();
    pairs.release(first);
    expect([pairs.open, clock.pending]).toEqual([0, 1]);
    const other = createSocket('udp4').bind(min, '127.0.0.1');
    await expect(once(other, 'listening')).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const again = await pairs.acquire();
    expect([again, pairs.open, clock.pending]).toEqual([first, 1, 0]);
    pairs.release(again);
    const closed = Promise.all([once(again.rtp, 'close'), once(again.rtcp, 'close')]);
    clock.advance(5000);
    await closed;
    const late = await pairs.acquire();
    expect(late).not.toBe(first);
    pairs.release(late);
    pairs.close();
    expect(clock.pending).toBe(0);
  });
});

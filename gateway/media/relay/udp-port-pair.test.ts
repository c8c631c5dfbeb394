import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { UdpPortPairs } from './udp-port-pair.js';

describe('UdpPortPairs', () => {
  it('hands out an even port and the next one, anywhere', async () => {
    const pairs = new UdpPortPairs('127.0.0.1', undefined, 0);
    const pair = await pairs.acquire();
    expect(pair.port % 2).toBe(0);
    expect(pair.rtp.address().port).toBe(pair.port);
    expect(pair.rtcp.address().port).toBe(pair.port + 1);
    expect(pairs.open).toBe(1);
    pairs.release(pair);
    expect(pairs.open).toBe(0);
  });

  it('stays in its range, steps over ports in use, and says when none is left', async () => {
    const anywhere = new UdpPortPairs('127.0.0.1', undefined, 0);
    const found = await anywhere.acquire();
    const min = found.port;
    anywhere.release(found);
    await Promise.all([once(found.rtp, 'close'), once(found.rtcp, 'close')]);
    const taken = createSocket('udp4').bind(min, '127.0.0.1');
    await once(taken, 'listening');
    const pairs = new UdpPortPairs('127.0.0.1', { min: min - 1, max: min + 3 }, 0.9);
    const pair = await pairs.acquire();
    expect(pair.port).toBe(min + 2);
    await expect(pairs.acquire()).rejects.toMatchObject({
      code: 'CL_MEDIA_UNAVAILABLE',
      message: `No pair of RTP ports could be opened on 127.0.0.1 (ports ${min - 1} to ${min + 3}).`,
    });
    expect(pairs.open).toBe(1);
    pairs.release(pair);
    taken.close();
  });
});

import { createSocket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { DatagramListener } from './datagram-listener.js';

const WHAT = 'reports (media.rtpengine.reports)';

describe('where daemons tell something', () => {
  it.each(['127.0.0.1', '::1'])('is a port of %s', async (host) => {
    const heard = new EventEmitter();
    const listener = await DatagramListener.open({ host, port: 0 }, WHAT, (datagram) => {
      heard.emit('datagram', String(datagram));
    });
    const news = once(heard, 'datagram');
    const sender = createSocket(host === '::1' ? 'udp6' : 'udp4');
    sender.send('news', listener.port, host);
    expect(await news).toEqual(['news']);
    sender.close();
    await once(sender, 'close');
    await listener.close();
  });

  it('says of a port that it cannot have which setting names it, and why', async () => {
    const host = '127.0.0.1';
    const first = await DatagramListener.open({ host, port: 0 }, WHAT, () => undefined);
    const again = DatagramListener.open({ host, port: first.port }, WHAT, () => undefined);
    await expect(again).rejects.toMatchObject({
      code: 'CL_START_PORT_IN_USE',
      sentence: `The UDP port ${first.port} of ${host} for rtpengine's ${WHAT} is taken by another program.`,
    });
    await first.close();
    const elsewhere = DatagramListener.open({ host: '192.0.2.1', port: 0 }, WHAT, () => undefined);
    await expect(elsewhere).rejects.toMatchObject({
      sentence: `The UDP port 0 of 192.0.2.1 for rtpengine's ${WHAT} cannot be bound (EADDRNOTAVAIL).`,
    });
  });
});

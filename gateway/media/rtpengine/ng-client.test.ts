import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../kernel/clock.js';
import { NgClient } from './ng-client.js';

describe('the control protocol of rtpengine', () => {
  it.each(['127.0.0.1', '::1'])('reaches a daemon at %s', async (host) => {
    const daemon = createSocket(host === '::1' ? 'udp6' : 'udp4');
    daemon.on('message', (request, { port, address }) => {
      const [cookie] = String(request).split(' ');
      daemon.send(`${cookie} d6:result4:ponge`, port, address);
    });
    daemon.bind(0, host);
    await once(daemon, 'listening');
    const address = { host, port: daemon.address().port };
    const client = new NgClient({ address, timeoutMs: 10_000, clock: systemClock });
    await expect(client.request('ping')).resolves.toEqual({ result: 'pong' });
    client.close();
    daemon.close();
    await once(daemon, 'close');
  });
});

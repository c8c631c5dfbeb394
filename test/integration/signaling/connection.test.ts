import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../gateway/kernel/clock.js';
import { silentLog } from '../../../gateway/kernel/log.js';
import { Secret } from '../../../gateway/kernel/secret.js';
import { DrachtioConnection } from '../../../gateway/signaling/drachtio-connection.js';
import { startSipServer } from '../../../gateway/sip-server/server.js';
import type { SipServer } from '../../../gateway/sip-server/server-options.js';
import { ManualClock, settle } from '../../support/manual-clock.js';

const servers: SipServer[] = [];
const connections: DrachtioConnection[] = [];
afterEach(async () => {
  for (const connection of connections.splice(0)) await connection.close();
  for (const server of servers.splice(0)) await server.close();
});

async function startServer(port = 0): Promise<SipServer> {
  const server = await startSipServer({
    listeners: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }],
    application: { host: '127.0.0.1', port, secret: new Secret('right') },
    ...{ log: silentLog, clock: systemClock },
  });
  servers.push(server);
  return server;
}

function connectionTo(
  port: number,
  { secret = 'right', clock = new ManualClock() } = {},
): { connection: DrachtioConnection; clock: ManualClock; prepared: () => number } {
  let prepared = 0;
  const connection = new DrachtioConnection({
    server: { host: '127.0.0.1', port, secret: new Secret(secret) },
    ...{ clock, log: silentLog },
    prepare: () => {
      prepared++;
    },
  });
  connections.push(connection);
  return { connection, clock, prepared: () => prepared };
}

const next = (connection: DrachtioConnection, name: 'up' | 'down'): Promise<void> =>
  new Promise((resolve) => {
    connection.events.once(name, () => {
      resolve();
    });
  });

describe('the connection to the SIP server', () => {
  it('fails at once, with a sentence, when nobody listens', async () => {
    const server = await startServer();
    const { port } = server.applicationAddress;
    await server.close();
    const { connection, clock } = connectionTo(port);
    await expect(connection.start()).rejects.toMatchObject({
      code: 'CL_SIP_SERVER_UNREACHABLE',
      message: expect.stringContaining(`127.0.0.1:${port}`) as string,
    });
    expect(() => connection.requireLink()).toThrow('no connection');
    expect(clock.pending).toBe(0);
  });

  it('says that the secret is wrong, without printing it', async () => {
    const server = await startServer();
    const { connection } = connectionTo(server.applicationAddress.port, { secret: 'guess' });
    const failure: unknown = await connection.start().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'CL_SIP_SERVER_REFUSED' });
    expect(String(failure)).not.toContain('guess');
  });

  it('comes back with growing delays, and tells what was lost', async () => {
    const first = await startServer();
    const { port } = first.applicationAddress;
    const { connection, clock, prepared } = connectionTo(port);
    await connection.start();
    const link = connection.requireLink();
    const down = next(connection, 'down');
    await first.close();
    await down;
    expect(link.lost.aborted).toBe(true);
    expect(connection.link).toBeUndefined();

    // Refused once: the first wait is 200 ms, the second 400 ms.
    await untilPending(clock);
    clock.advance(199);
    expect(prepared()).toBe(1);
    clock.advance(1);
    await until(() => prepared() === 2);
    await untilPending(clock);
    await startServer(port);
    const up = next(connection, 'up');
    await until(() => connection.link === undefined && clock.pending === 1);
    for (let waited = 0; waited < 20 && prepared() < 3; waited++) {
      clock.advance(100);
      await settle();
    }
    await up;
    expect(connection.requireLink()).not.toBe(link);
  });

  it('stops for good when it is closed, also while it waits', async () => {
    const server = await startServer();
    const { connection, clock } = connectionTo(server.applicationAddress.port);
    await connection.start();
    const down = next(connection, 'down');
    await server.close();
    await down;
    await untilPending(clock);
    await connection.close();
    expect(clock.pending).toBe(0);
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await settle();
}

const untilPending = (clock: ManualClock): Promise<void> => until(() => clock.pending > 0);

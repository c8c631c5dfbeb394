import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../../gateway/kernel/clock.js';
import { AppConnectionClient } from '../../support/app-connection-client.js';
import { ManualClock } from '../../support/manual-clock.js';
import { TestAuthority } from '../../support/sip/certificates.js';
import { routed, SECRET, SipServerHarness } from '../../support/sip-server-harness.js';
import { connectSrf, listenSrf } from '../../support/srf-wire.js';

let authority: TestAuthority;
let harness: SipServerHarness;

beforeEach(async () => {
  authority = new TestAuthority();
  harness = await SipServerHarness.start(systemClock, {
    applicationTls: {
      host: '127.0.0.1',
      port: 0,
      tls: { certificates: [authority.issue('IP:127.0.0.1')] },
    },
  });
});
afterEach(async () => {
  await harness.close();
  authority.remove();
});

it('serves applications over TLS beside those over TCP', async () => {
  const where = harness.server.applicationTlsAddress ?? { host: '', port: 0 };
  const tls = { ca: authority.ca };
  const { srf } = await connectSrf({ ...where, secret: SECRET, tls });
  const plain = await harness.srf();
  for (const one of [srf, plain])
    one.options((_req, res) => {
      res.send(one === srf ? 200 : 603);
    });
  await routed(srf);
  await routed(plain);
  const peer = await harness.udpPeer();
  peer.request('OPTIONS');
  peer.request('OPTIONS');
  await peer.next(200);
  await peer.next(603);
  await harness.server.reloadCertificates();
  srf.disconnect();
  await expect.poll(() => harness.server.counts().applications).toBe(1);
});

it('closes a connection that speaks no TLS', async () => {
  const where = harness.server.applicationTlsAddress ?? { host: '', port: 0 };
  const client = await AppConnectionClient.open(where);
  client.send(`1|authenticate|${SECRET}|`);
  await client.closed;
  expect(harness.server.counts().applications).toBe(0);
});

it.each([
  [false, 486],
  [undefined, 480],
])(
  'calls an application that listens over TLS; with verifyPeer %s the answer is %i',
  async (...[verifyPeer, status]) => {
    const { srf, port, close } = await listenSrf(SECRET);
    srf.invite((_req, res) => {
      res.send(486);
    });
    const door = await tlsDoor(port);
    const handler = { method: 'INVITE', url: `tls://127.0.0.1:${door.port}` };
    // No time passes: a slow machine is no application that is down.
    const caller = await SipServerHarness.start(new ManualClock(), {
      requestHandlers: [verifyPeer === undefined ? handler : { ...handler, verifyPeer }],
    });
    const peer = await caller.udpPeer();
    peer.request('INVITE');
    await peer.next(status);
    await door.close();
    await close();
    await caller.close();
  },
);

/** TLS in front of a port; its certificate is of an authority that nobody knows. */
async function tlsDoor(port: number): Promise<{ port: number; close: () => Promise<void> }> {
  const { certFile, keyFile } = authority.issue('IP:127.0.0.1');
  const door = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) });
  const sockets = new Set<Socket>();
  door.on('secureConnection', (socket) => {
    const inner = connect(port, '127.0.0.1');
    for (const one of [socket, inner]) {
      sockets.add(one);
      one.on('error', () => undefined);
    }
    socket.pipe(inner).pipe(socket);
  });
  door.on('tlsClientError', () => undefined);
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    door.close();
    await once(door, 'close');
  };
  return { port: (door.address() as AddressInfo).port, close };
}

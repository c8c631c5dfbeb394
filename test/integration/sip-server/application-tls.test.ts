import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../../gateway/kernel/clock.js';
import { AppConnectionClient } from '../../support/app-connection-client.js';
import { TestAuthority } from '../../support/sip/certificates.js';
import { routed, SECRET, SipServerHarness } from '../../support/sip-server-harness.js';
import { connectSrf } from '../../support/srf-wire.js';

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

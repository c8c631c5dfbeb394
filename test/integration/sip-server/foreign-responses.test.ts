import { once } from 'node:events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../../gateway/kernel/clock.js';
import { silentLog, type Log } from '../../../gateway/kernel/log.js';
import type { SipPeer } from '../../support/sip-peer.js';
import { routed, SipServerHarness } from '../../support/sip-server-harness.js';
import { openStreamPeer, type StreamSipPeer } from '../../support/sip-stream-peer.js';
import type { SrfClient, SrfResponse } from '../../support/srf-wire.js';

/** As behind a 1:1 NAT: what peers are told is not what is bound. */
const ADVERTISED = '203.0.113.5:5070';

let harness: SipServerHarness;
let srf: SrfClient;
let warnings: unknown[];
let peers: { udp: SipPeer; tcp: StreamSipPeer; ws: SipPeer };

beforeEach(async () => {
  warnings = [];
  const place = { host: '127.0.0.1', port: 0 };
  harness = await SipServerHarness.start(systemClock, {
    listeners: [
      { protocol: 'udp', ...place },
      { protocol: 'tcp', ...place, advertised: ADVERTISED },
    ],
    log: { ...silentLog, warn: (line: unknown) => warnings.push(line) } as unknown as Log,
  });
  srf = await harness.srf();
  peers = {
    udp: await harness.udpPeer(),
    tcp: await openStreamPeer(harness.server),
    ws: await harness.webSocketPeer(),
  };
});
afterEach(async () => {
  await harness.close();
  await peers.tcp.close();
});

async function register(browser: SipPeer): Promise<void> {
  srf.register((req, res) => {
    res.send(200, { headers: { Contact: `${req.get('Contact')};expires=60` } });
  });
  await routed(srf);
  browser.request('REGISTER');
  await browser.next(200);
}

it.each(['udp', 'tcp', 'ws'] as const)(
  'a response to a Via that is not ours is dropped and counted, the next one taken: %s',
  async (name) => {
    const peer = peers[name];
    if (name === 'ws') await register(peer);
    const uri = `sip:peer@${peer.sentBy};transport=${name}`;
    const asked = await srf.request(uri, { method: 'MESSAGE' });
    const answered = once(asked, 'response');
    const message = await peer.next('MESSAGE');
    const via = message.require('Via');
    const ours = / (\S+?);/.exec(via)?.[1] ?? '';
    if (name === 'tcp') expect(ours).toBe(ADVERTISED);
    peer.reply(message, 403, { headers: { Via: via.replace(ours, '198.51.100.7:5060') } });
    peer.reply(message, 202);
    const [answer] = (await answered) as [SrfResponse];
    expect(answer.status).toBe(202);
    expect(harness.server.foreignResponses).toBe(1);
    expect(warnings).toMatchObject([{ ours }]);
  },
);

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import type { ConfigInput } from '../../../gateway/config/schema.js';
import { freeTcpPort, freeUdpPort } from '../../support/gateway-port.js';
import { GatewayWorld } from '../../support/gateway-world.js';
import { routed } from '../../support/sip-server-harness.js';
import { formatPeerMessage } from '../../support/sip-peer-message.js';
import { TestAuthority } from '../../support/sip/certificates.js';
import { openStreamPeer } from '../../support/sip-stream-peer.js';
import { openUdpPeer, type SipPeer } from '../../support/sip-peer.js';
import { connectSrf, listenSrf, type SrfClient } from '../../support/srf-wire.js';

type Embedded = NonNullable<NonNullable<ConfigInput['sip']['server']>['embedded']>;

let world: GatewayWorld;
const closings: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
  await world.close();
});

async function start(settings: Embedded): Promise<SipPeer> {
  world = await GatewayWorld.start((config) => ({
    ...config,
    sip: {
      ...config.sip,
      server: { embedded: { ...config.sip.server?.embedded, ...settings } },
    },
  }));
  const peer = await openUdpPeer({ contacts: [`udp/127.0.0.1:${world.sipPort}`] });
  closings.push(() => peer.close());
  return peer;
}

async function application(port: number, secret: string): Promise<SrfClient> {
  const { srf } = await connectSrf({ host: '127.0.0.1', port, secret });
  closings.push(() => {
    srf.disconnect();
  });
  return srf;
}

it('guards as the settings say, against those whom they do not trust', async () => {
  const peer = await start({
    guard: { trusted: [], scanners: 'forbid', scannerAgents: ['probe-x'] },
  });
  peer.request('OPTIONS', { headers: { 'User-Agent': 'the Probe-X 2' } });
  await peer.next(403);
  peer.request('OPTIONS', { headers: { 'User-Agent': 'sipvicious' } });
  await peer.next(200);
});

it('says nothing to whom no trunk knows, when the settings want that', async () => {
  const peer = await start({ guard: { trusted: [], strangers: 'drop' } });
  // The trunks of this gateway are at 127.0.0.1.
  const stranger = createSocket('udp4').bind(0, '127.0.0.2');
  await once(stranger, 'listening');
  closings.push(() => stranger.close());
  const heard: string[] = [];
  stranger.on('message', (bytes) => heard.push(bytes.toString()));
  const invite = formatPeerMessage('INVITE sip:+493011@127.0.0.1 SIP/2.0', {
    Via: `SIP/2.0/UDP 127.0.0.2:${stranger.address().port};branch=z9hG4bKstranger`,
    From: '<sip:eve@127.0.0.2>;tag=eve',
    To: '<sip:+493011@127.0.0.1>',
    ...{ 'Call-ID': 'stranger', CSeq: '1 INVITE', 'Max-Forwards': '70' },
    Contact: '<sip:eve@127.0.0.2>',
  });
  await new Promise((sent) => {
    stranger.send(invite, world.sipPort, '127.0.0.1', sent);
  });
  peer.request('OPTIONS');
  await peer.next(200);
  expect(heard).toEqual([]);
  expect((await world.app.counts()).sip?.transactions).toBe(1);
  const browser = await world.browser();
  expect((await browser.register()).status).toBe(200);
});

it('refuses messages that are larger than the settings allow', async () => {
  const peer = await start({ messages: { maxBytes: 2_000, maxHeaders: 20 } });
  peer.request('MESSAGE', { body: 'x'.repeat(2_000) });
  await peer.next(513);
  const rows = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`X-${index}`, 'y']));
  peer.request('OPTIONS', { headers: rows });
  await peer.next(400);
});

it('tells peers the address that the settings advertise', async () => {
  const port = await freeUdpPort();
  const peer = await start({
    applications: { port, secret: 's' },
    udp: { port, advertised: '203.0.113.7' },
  });
  const srf = await application(port, 's');
  void srf.request(`sip:x@${peer.sentBy}`, { method: 'MESSAGE' });
  // The peer was opened for the port that the world had in mind, which these settings replace.
  const message = await peer.next('MESSAGE');
  expect(message.require('Via')).toContain(`SIP/2.0/UDP 203.0.113.7:${port}`);
  expect(message.require('From')).toContain(`sip:203.0.113.7:${port}`);
});

it('serves IPv4 and IPv6 together, each with the address that it advertises', async () => {
  const port = await freeUdpPort();
  const places = [
    { host: '127.0.0.1', port, advertised: '203.0.113.7' },
    { host: '::1', port, advertised: '2001:db8::7' },
  ];
  await start({ applications: { port, secret: 's' }, udp: places });
  const srf = await application(port, 's');
  for (const [server, told] of [
    ['127.0.0.1', '203.0.113.7'],
    ['[::1]', '[2001:db8::7]'],
  ]) {
    const peer = await openUdpPeer({ contacts: [`udp/${server}:${port}`] });
    closings.push(() => peer.close());
    peer.request('OPTIONS');
    await peer.next(200);
    const answered = srf.request(`sip:x@${peer.sentBy}`, { method: 'MESSAGE' });
    const message = await peer.next('MESSAGE');
    expect(message.require('Via')).toContain(`SIP/2.0/UDP ${told}:${port}`);
    expect(message.require('From')).toContain(`sip:${told}:${port}`);
    peer.reply(message, 200);
    await answered;
  }
});

it('is reached over TCP and TLS on every address of the settings', async () => {
  const authority = new TestAuthority();
  closings.push(() => {
    authority.remove();
  });
  const certificates = [authority.issue('IP:127.0.0.1')];
  const tcp = [
    { host: '127.0.0.1', port: await freeTcpPort('127.0.0.1') },
    { host: '::1', port: await freeTcpPort('::1') },
  ];
  const tls = [{ host: '127.0.0.1', port: await freeTcpPort('127.0.0.1'), certificates }];
  await start({ tcp, tls });
  for (const [contact, certificate] of [
    [`tcp/127.0.0.1:${tcp[0]?.port}`],
    [`tcp/[::1]:${tcp[1]?.port}`],
    [`tls/127.0.0.1:${tls[0]?.port}`, authority.issue('IP:127.0.0.1')],
  ] as const) {
    const options = certificate === undefined ? {} : { certificate };
    const peer = await openStreamPeer({ contacts: [contact] }, options);
    closings.push(() => peer.close());
    peer.request('OPTIONS');
    await peer.next(200);
  }
});

it('lets further applications connect with the secret of the settings, and shares methods with them', async () => {
  const port = await freeUdpPort();
  const peer = await start({ applications: { port, secret: 'for applications' } });
  await expect(application(port, 'wrong')).rejects.toThrow();
  const srf = await application(port, 'for applications');
  srf.message((_request, response) => {
    response.send(202);
  });
  await routed(srf);
  // The gateway itself refuses MESSAGE outside calls with 405.
  peer.request('MESSAGE');
  peer.request('MESSAGE');
  await peer.next(202);
  await peer.next(405);
});

it('asks the request handlers of the settings', async () => {
  const port = await freeUdpPort();
  const secret = 'for applications';
  const listening = await listenSrf(secret);
  closings.push(() => listening.close());
  listening.srf.message((_request, response) => {
    response.send(200);
  });
  const peer = await start({
    applications: { port, secret },
    requestHandlers: [{ method: 'MESSAGE', url: `tcp://127.0.0.1:${listening.port}` }],
  });
  peer.request('MESSAGE');
  await peer.next(200);
  peer.request('OPTIONS');
  await peer.next(200, 'OPTIONS');
});

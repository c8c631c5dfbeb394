import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { browserOffer, carrierAnswer } from '../../support/gateway-sdp.js';
import { GatewayWorld } from '../../support/gateway-world.js';
import { TestAuthority } from '../../support/sip/certificates.js';
import { openStreamPeer, type StreamSipPeer } from '../../support/sip-stream-peer.js';

let authority: TestAuthority;
let world: GatewayWorld | undefined;
let carrier: StreamSipPeer | undefined;

beforeAll(() => {
  authority = new TestAuthority();
});
afterEach(async () => {
  await world?.close();
  await carrier?.close();
  world = carrier = undefined;
});
afterAll(() => {
  authority.remove();
});

it.each(['tcp', 'tls'] as const)(
  'a call goes over %s to a trunk that wants it',
  async (transport) => {
    const certificate = authority.issue('IP:127.0.0.1');
    const peer = await openStreamPeer({ contacts: [] }, transport === 'tls' ? { certificate } : {});
    carrier = peer;
    const gateway = await GatewayWorld.start((config) => ({
      ...config,
      sip: {
        ...config.sip,
        server: {
          embedded: {
            udp: { port: 0 },
            tcp: { port: 0 },
            tls: { port: 0, certificates: [certificate], caFile: authority.caFile },
          },
        },
      },
      trunks: (config.trunks ?? []).map((trunk) => ({ ...trunk, transport, port: peer.port })),
    }));
    world = gateway;
    const browser = await gateway.browser();
    const invite = await browser.invite('600', browserOffer());
    const asked = await peer.next('INVITE');
    const named = transport.toUpperCase();
    expect(asked.startLine).toBe(
      `INVITE sip:600@127.0.0.1:${peer.port};transport=${transport} SIP/2.0`,
    );
    expect(asked.require('Via')).toContain(`SIP/2.0/${named} `);
    expect(asked.require('Contact')).toContain(`transport=${transport}`);
    peer.reply(asked, 200, { body: carrierAnswer() });
    const ok = await browser.answerTo(invite, 200);
    browser.callerRequest('ACK', ok, { sequence: 2 });
    await peer.next('ACK');
    browser.callerRequest('BYE', ok, { sequence: 3 });
    await browser.next(200, 'BYE');
    peer.reply(await peer.next('BYE'), 200);
    // One connection carries the whole call.
    expect(peer.connections).toHaveLength(1);
    const ends = () => gateway.cdrs.map(({ end }) => end.code);
    await expect.poll(ends, { timeout: 10_000 }).toEqual(['NORMAL']);
  },
);

import { afterEach, describe, expect, it } from 'vitest';
import type { GuardOptions, KnownCaller } from '../../../gateway/sip-server/guard/guard-options.js';
import { ManualClock } from '../../support/manual-clock.js';
import type { SipPeer } from '../../support/sip-peer.js';
import { routed, SDP, SDP_ANSWER, SipServerHarness } from '../../support/sip-server-harness.js';
import type { SrfClient } from '../../support/srf-wire.js';

let harness: SipServerHarness;
let clock: ManualClock;
let srf: SrfClient;
let peer: SipPeer;

/** A server that trusts nobody, and an application that answers OPTIONS. */
async function start(guard: Partial<GuardOptions> = {}, isKnown?: KnownCaller): Promise<void> {
  clock = new ManualClock();
  harness = await SipServerHarness.start(clock, {
    ...{ guard: { trusted: [], ...guard }, isKnown },
  });
  srf = await harness.srf();
  peer = await harness.udpPeer();
  srf.options((_req, res) => {
    res.send(200);
  });
  await routed(srf);
}
afterEach(() => harness.close());

/** Sends one more request that is answered: by then all before it have been dealt with. */
async function settled(other: SipPeer): Promise<void> {
  other.request('OPTIONS');
  await other.next(200);
}

const bytesOf = (messages: { text: string }[]): number =>
  messages.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);

describe('requests of unknown methods', () => {
  it.each([
    ['answer', 501],
    ['forbid', 403],
  ] as const)('are answered as configured: %s', async (unknownMethods, status) => {
    await start({ unknownMethods });
    peer.request('DANCE');
    await peer.next(status);
  });

  it('are dropped when so configured', async () => {
    await start({ unknownMethods: 'drop' });
    peer.request('DANCE');
    await settled(peer);
    expect(peer.inbox).toEqual([]);
  });

  it('get their source banned for a while when so configured', async () => {
    await start({ unknownMethods: 'ban', banSeconds: 30 });
    peer.request('DANCE');
    peer.request('OPTIONS');
    const browser = await harness.webSocketPeer();
    await settled(browser);
    expect(peer.inbox).toEqual([]);
    clock.advance(30_000);
    await settled(peer);
  });
});

describe('strangers', () => {
  const knowsBob: KnownCaller = (uri, host) => host === '127.0.0.1' && uri.startsWith('sip:bob@');
  const FOR_EVE = { uri: 'sip:eve@127.0.0.1' };

  it('are answered unless the settings say otherwise', async () => {
    await start({}, () => false);
    await settled(peer);
  });

  it('hear nothing when so configured; who is known, and browsers, do', async () => {
    await start({ strangers: 'drop' }, knowsBob);
    peer.request('OPTIONS', FOR_EVE);
    peer.request('INVITE', { ...FOR_EVE, body: SDP });
    await settled(peer);
    expect(peer.inbox).toEqual([]);
    const browser = await harness.webSocketPeer();
    browser.request('OPTIONS', FOR_EVE);
    await browser.next(200);
  });

  it('are forbidden or banned when so configured', async () => {
    await start({ strangers: 'forbid' }, knowsBob);
    peer.request('OPTIONS', FOR_EVE);
    await peer.next(403);
    await harness.close();
    await start({ strangers: 'ban', banSeconds: 30 }, knowsBob);
    peer.request('OPTIONS', FOR_EVE);
    peer.request('OPTIONS');
    await settled(await harness.webSocketPeer());
    expect(peer.inbox).toEqual([]);
  });
});

describe('scanners', () => {
  it.each(['friendly-scanner', 'SIPVicious/0.3', 'sipcli/v1.8'])(
    'are ignored: %s',
    async (agent) => {
      await start();
      peer.request('OPTIONS', { headers: { 'User-Agent': agent } });
      await settled(peer);
      expect(peer.inbox).toEqual([]);
      expect(harness.server.counts().transactions).toBe(1);
    },
  );

  it('are those that the settings name', async () => {
    await start({ scanners: 'forbid', scannerAgents: ['Evil'] });
    peer.request('OPTIONS', { headers: { 'User-Agent': 'An evil one' } });
    await peer.next(403);
    peer.request('OPTIONS', { headers: { 'User-Agent': 'friendly-scanner' } });
    await peer.next(200);
  });
});

describe('a flood', () => {
  it('of one source is cut to its rate, and others are served', async () => {
    await start({ burst: 3, requestsPerSecond: 1 });
    for (let count = 0; count < 10; count++) peer.request('OPTIONS');
    for (let count = 0; count < 3; count++) await peer.next(200);
    await settled(await harness.webSocketPeer());
    expect(peer.inbox).toEqual([]);
    clock.advance(1_000);
    await settled(peer);
  });

  it('that does not stop gets its source banned for a while', async () => {
    await start({ burst: 2, requestsPerSecond: 1, excessBeforeBan: 5, banSeconds: 10 });
    for (let count = 0; count < 7; count++) peer.request('OPTIONS');
    for (let count = 0; count < 2; count++) await peer.next(200);
    await settled(await harness.webSocketPeer());
    clock.advance(9_999);
    peer.request('OPTIONS');
    await settled(await harness.webSocketPeer(40_002));
    expect(peer.inbox).toEqual([]);
    clock.advance(1);
    await settled(peer);
  });

  it('does not touch requests inside a call', async () => {
    await start({ burst: 1, requestsPerSecond: 1 });
    srf.invite((req, res) => {
      void srf.createUAS(req, res, { localSdp: SDP_ANSWER });
    });
    await routed(srf);
    peer.request('INVITE', { body: SDP });
    const ok = await peer.next(200);
    peer.callerRequest('ACK', ok, { sequence: 1 });
    for (let sequence = 2; sequence < 8; sequence++) {
      peer.callerRequest('INFO', ok, { sequence });
      await peer.next(200, 'INFO');
    }
    peer.callerRequest('BYE', ok, { sequence: 8 });
    await peer.next(200, 'BYE');
  });

  it('of transactions of one source is refused', async () => {
    await start({ transactionsPerSource: 2 });
    for (let count = 0; count < 3; count++) peer.request('OPTIONS');
    await peer.next(503);
    await peer.next(200);
    await peer.next(200);
    clock.advance(32_000);
    await settled(peer);
  });
});

describe('a source over UDP that may be forged', () => {
  it('gets no more bytes than it sent, however often a refusal would be repeated', async () => {
    await start();
    const { text } = peer.request('INVITE', { body: SDP });
    const refusal = await peer.next(503);
    // Eleven copies would follow (RFC 3261 section 17.2.1).
    await clock.advanceAsync(32_000);
    await settled(await harness.webSocketPeer());
    const sent = bytesOf([refusal, ...peer.inbox]);
    expect(sent).toBeLessThanOrEqual(text.length);
    // A copy of the request pays for a copy of the answer.
    peer.sendText(text);
    await settled(await harness.webSocketPeer(40_002));
    expect(bytesOf([refusal, ...peer.inbox])).toBeLessThanOrEqual(2 * text.length);
  });

  const BROKEN =
    'OPTIONS sip:b@c SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bKb;rport\r\nCSeq: 1 OPTIONS\r\n\r\n';

  it('gets no more bytes than it sent for malformed requests either', async () => {
    await start();
    const Via = `SIP/2.0/UDP a;branch=z9hG4bKlong${'x'.repeat(200)};rport`;
    const { text } = peer.request('OPTIONS', { headers: { Via, 'Max-Forwards': 'no number' } });
    const refusal = await peer.next(400);
    expect(Buffer.byteLength(refusal.text)).toBeLessThanOrEqual(Buffer.byteLength(text));
    for (let count = 0; count < 5; count++) peer.sendText(BROKEN);
    await settled(await harness.webSocketPeer());
    expect(peer.inbox).toEqual([]);
  });

  it('is banned for a flood of malformed requests as for one of others', async () => {
    await start({ burst: 2, requestsPerSecond: 1, excessBeforeBan: 2, banSeconds: 30 });
    for (let count = 0; count < 5; count++) peer.sendText(BROKEN);
    peer.request('OPTIONS');
    const browser = await harness.webSocketPeer();
    await settled(browser);
    expect(peer.inbox).toEqual([]);
    clock.advance(30_000);
    await settled(peer);
  });

  it('gets few copies of an acceptance', async () => {
    await start({ unverifiedSuccessCopies: 2 });
    srf.invite((req, res) => {
      srf.createUAS(req, res, { localSdp: SDP_ANSWER }).catch(() => undefined);
    });
    await routed(srf);
    peer.request('INVITE', { body: SDP });
    await peer.next(200);
    await clock.advanceAsync(16_000);
    await peer.next(200);
    expect(peer.inbox.filter(({ status }) => status === 200)).toEqual([]);
    await clock.advanceAsync(16_000);
    peer.reply(await peer.next('BYE'), 200);
  });

  it('is believed once it has repeated what only it was sent', async () => {
    await start({ unverifiedSuccessCopies: 1 });
    srf.invite((req, res) => {
      void srf.createUAS(req, res, { localSdp: SDP_ANSWER });
    });
    await routed(srf);
    peer.request('INVITE', { body: SDP });
    const ok = await peer.next(200);
    peer.callerRequest('ACK', ok, { sequence: 1 });
    peer.callerRequest('BYE', ok, { sequence: 2 });
    await peer.next(200, 'BYE');
    for (let count = 0; count < 3; count++) {
      peer.sendText(
        peer.request('MESSAGE', { headers: { To: '<sip:x@y>', Contact: undefined } }).text,
      );
      await peer.next(503);
    }
  });
});

describe('trusted networks', () => {
  it('are exempt from all of it', async () => {
    await start({ trusted: ['127.0.0.0/8'], burst: 1, requestsPerSecond: 1, scanners: 'ban' });
    for (let count = 0; count < 5; count++)
      peer.request('OPTIONS', { headers: { 'User-Agent': 'sipvicious' } });
    for (let count = 0; count < 5; count++) await peer.next(200);
  });

  it('must be networks', async () => {
    await start();
    await expect(
      SipServerHarness.start(clock, { guard: { trusted: ['example.com'] } }),
    ).rejects.toThrow('"example.com" is no IP address and no network.');
  });
});

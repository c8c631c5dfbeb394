import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { AudioPump } from '../../support/audio-pump.js';
import type { GatewayBrowser } from '../../support/gateway-browser.js';
import { GatewayWorld, type UpCall } from '../../support/gateway-world.js';
import { RtpPeer } from '../../support/media-rtp-peer.js';
import { WebrtcPeer } from '../../support/media-webrtc-peer.js';
import type { PeerMessage } from '../../support/sip-peer-message.js';

/** Transfers with audio: what the parties hear afterwards is each other. */
let world: GatewayWorld;
/** Closed after each test, whatever became of it. */
const opened: { close(): void }[] = [];

beforeAll(async () => {
  world = await GatewayWorld.start();
});
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});
afterAll(() => world.close());

const A_LAW = { payloadTypes: '8', lines: ['a=rtpmap:8 PCMA/8000'] };

function phone(): WebrtcPeer {
  const peer = new WebrtcPeer();
  opened.push(peer);
  return peer;
}

async function rtpPeer(): Promise<RtpPeer> {
  const peer = await RtpPeer.open();
  opened.push(peer);
  return peer;
}

type Talker = ConstructorParameters<typeof AudioPump>[0];

async function expectAudio(one: Talker, two: Talker): Promise<void> {
  const pump = new AudioPump(one, two);
  try {
    await pump.heardBothWays();
  } finally {
    pump.stop();
  }
}

interface Talk extends UpCall {
  rtp: RtpPeer;
  page: WebrtcPeer;
}

/** Alice talks to the carrier. */
async function talk(browser?: GatewayBrowser): Promise<Talk> {
  world.carrier.answerWhatEndsCalls();
  const rtp = await rtpPeer();
  const page = phone();
  const call = await world.connect({
    ...(browser === undefined ? {} : { browser }),
    offer: await page.offer(A_LAW),
    answer: (offer) => {
      rtp.follow(offer);
      return rtp.sdp({ payloadTypes: '8' });
    },
  });
  page.take(call.ok.body);
  await page.opened();
  await expectAudio(page, rtp);
  return { ...call, rtp, page };
}

/** The re-INVITE in the carrier's dialog of a call. */
function reInvite({ carrierInvite }: Talk): Promise<PeerMessage> {
  const callId = carrierInvite.require('Call-ID');
  return world.carrier.nextThat(
    (message) => message.method === 'INVITE' && message.require('Call-ID') === callId,
  );
}

async function signedIn(user: string): Promise<GatewayBrowser> {
  const browser = await world.browser(user);
  expect((await browser.register()).status).toBe(200);
  return browser;
}

/** Alice asks for the transfer; resolves with what she is told in the end, and hung up. */
async function refer(
  { browser, ok }: Talk,
  to: string,
  sequence = 3,
): Promise<() => Promise<string>> {
  const headers = { 'Refer-To': to };
  browser.callerRequest('REFER', ok, { sequence, headers });
  await browser.next(202, 'REFER');
  return async () => {
    for (;;) {
      const notify = await browser.next('NOTIFY');
      browser.reply(notify, 200);
      if (!notify.require('Subscription-State').startsWith('terminated')) continue;
      const bye = await browser.nextThat(
        (message) =>
          message.method === 'BYE' && message.require('Call-ID') === ok.require('Call-ID'),
      );
      browser.reply(bye, 200);
      return notify.body.trim();
    }
  };
}

async function carrierHangsUp({ carrierInvite }: Talk): Promise<void> {
  world.carrier.calleeRequest('BYE', carrierInvite, { sequence: 1 });
  await world.carrier.next(200, 'BYE');
}

it('a blind transfer to a user: his browser and the carrier hear each other', async () => {
  const bob = await signedIn('bob');
  const call = await talk();
  const told = await refer(call, '<sip:bob@gateway.test>');
  const invite = await bob.next('INVITE');
  expect(invite.require('From')).toContain('<sip:600@gateway.test>');
  expect(invite.require('Referred-By')).toBe('<sip:alice@gateway.test>');
  bob.reply(invite, 180);
  const bobs = phone();
  bob.reply(invite, 200, { body: await bobs.answer(invite.body, A_LAW) });
  await bob.next('ACK');
  const again = await reInvite(call);
  call.rtp.follow(again.body);
  world.carrier.reply(again, 200, {
    body: call.rtp.sdp({ payloadTypes: '8' }).replace('1 1 IN', '1 2 IN'),
  });
  expect(await told()).toBe('SIP/2.0 200 OK');
  await bobs.opened();
  await expectAudio(bobs, call.rtp);
  bob.calleeRequest('BYE', invite, { sequence: 1 });
  await bob.next(200, 'BYE');
  const [cdr] = await world.settle(1);
  expect(cdr).toMatchObject({
    ...{ user: 'alice', transfers: [{ to: 'bob', by: 'browser of alice' }] },
    end: { by: 'browser', code: 'NORMAL' },
  });
});

it('a held call is passed on without the hold', async () => {
  const bob = await signedIn('bob');
  const call = await talk();
  const body = call.invite.body
    .replace('a=sendrecv', 'a=sendonly')
    .replace(/^(o=\S+ \S+ )(\d+)/m, (_, start: string, version: string) => {
      return `${start}${Number(version) + 1}`;
    });
  const hold = call.browser.callerRequest('INVITE', call.ok, { sequence: 3, body });
  const held = await reInvite(call);
  expect(held.body).toContain('a=sendonly');
  world.carrier.reply(held, 200, {
    body: call.rtp.sdp({ payloadTypes: '8', direction: 'recvonly' }).replace('1 1 IN', '1 2 IN'),
  });
  const answer = await call.browser.answerTo(hold, 200);
  call.browser.callerRequest('ACK', answer, { sequence: 3 });
  const told = await refer(call, '<sip:bob@gateway.test>', 4);
  const invite = await bob.next('INVITE');
  expect(invite.body).toContain('a=sendrecv');
  const bobs = phone();
  bob.reply(invite, 200, { body: await bobs.answer(invite.body, A_LAW) });
  const again = await reInvite(call);
  expect(again.body).toContain('a=sendrecv');
  call.rtp.follow(again.body);
  world.carrier.reply(again, 200, {
    body: call.rtp.sdp({ payloadTypes: '8' }).replace('1 1 IN', '1 3 IN'),
  });
  expect(await told()).toBe('SIP/2.0 200 OK');
  await bobs.opened();
  await expectAudio(bobs, call.rtp);
  await carrierHangsUp(call);
  bob.reply(await bob.next('BYE'), 200);
  await world.settle(1);
});

/** What a REFER to the other call of the same browser says (RFC 3891, RFC 5589 section 7.3). */
function replacing(ok: PeerMessage, user: string): string {
  const callId = encodeURIComponent(ok.require('Call-ID'));
  const tags = `to-tag%3D${ok.tag('To') ?? ''}%3Bfrom-tag%3D${ok.tag('From') ?? ''}`;
  return `<sip:${user}@gateway.test?Replaces=${callId}%3B${tags}>`;
}

it('an attended transfer of two calls to the carrier: their far ends hear each other', async () => {
  const first = await talk();
  const second = await talk(first.browser);
  const told = await refer(first, replacing(second.ok, '600'));
  const asked = await reInvite(second);
  expect(asked.body).toBe('');
  world.carrier.reply(asked, 200, {
    body: second.rtp.sdp({ payloadTypes: '8' }).replace('1 1 IN', '1 2 IN'),
  });
  const offered = await reInvite(first);
  first.rtp.follow(offered.body);
  world.carrier.reply(offered, 200, {
    body: first.rtp.sdp({ payloadTypes: '8' }).replace('1 1 IN', '1 2 IN'),
  });
  const callId = second.carrierInvite.require('Call-ID');
  const ack = await world.carrier.nextThat(
    (message) =>
      message.method === 'ACK' && message.body !== '' && message.require('Call-ID') === callId,
  );
  second.rtp.follow(ack.body);
  expect(await told()).toBe('SIP/2.0 200 OK');
  const other = await first.browser.next('BYE');
  first.browser.reply(other, 200);
  await expectAudio(first.rtp, second.rtp);
  expect(world.app.calls.list()).toHaveLength(1);
  await carrierHangsUp(first);
  const cdrs = await world.settle(2);
  expect(cdrs.map(({ end }) => end.code).sort()).toEqual(['NORMAL', 'TRANSFERRED']);
});

it('an attended transfer to a user: his browser and the carrier hear each other', async () => {
  const bob = await signedIn('bob');
  const first = await talk();
  const page = phone();
  const consult = await first.browser.invite('bob', await page.offer(A_LAW));
  const invite = await bob.next('INVITE');
  const before = phone();
  bob.reply(invite, 200, { body: await before.answer(invite.body, A_LAW) });
  const ok = await first.browser.answerTo(consult, 200);
  first.browser.callerRequest('ACK', ok, { sequence: 2 });
  page.take(ok.body);
  await Promise.all([page.opened(), before.opened()]);
  await expectAudio(page, before);
  const told = await refer(first, replacing(ok, 'bob'));
  const asked = await reInvite(first);
  expect(asked.body).toBe('');
  world.carrier.reply(asked, 200, {
    body: first.rtp.sdp({ payloadTypes: '8' }).replace('1 1 IN', '1 2 IN'),
  });
  const offered = await bob.next('INVITE');
  const bobs = phone();
  bob.reply(offered, 200, { body: await bobs.answer(offered.body, A_LAW) });
  const ack = await world.carrier.nextThat(({ method, body }) => method === 'ACK' && body !== '');
  first.rtp.follow(ack.body);
  expect(await told()).toBe('SIP/2.0 200 OK');
  first.browser.reply(await first.browser.next('BYE'), 200);
  await bobs.opened();
  await expectAudio(bobs, first.rtp);
  bob.calleeRequest('BYE', invite, { sequence: 1 });
  await bob.next(200, 'BYE');
  const cdrs = await world.settle(2);
  expect(cdrs.map(({ end }) => end.code).sort()).toEqual(['NORMAL', 'TRANSFERRED']);
  expect(cdrs.find(({ end }) => end.code === 'NORMAL')).toMatchObject({
    transfers: [{ to: 'bob', by: 'browser of alice' }],
  });
});

import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { AudioPump } from '../../support/audio-pump.js';
import type { GatewayBrowser } from '../../support/gateway-browser.js';
import { GatewayWorld, type UpCall } from '../../support/gateway-world.js';
import { RtpPeer } from '../../support/media-rtp-peer.js';
import { WebrtcPeer } from '../../support/media-webrtc-peer.js';

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

/** For what takes no time on a machine that has any. */
const PATIENCE = { timeout: 10_000 };

const A_LAW = { payloadTypes: '8', lines: ['a=rtpmap:8 PCMA/8000'] };

function peer(): WebrtcPeer {
  const phone = new WebrtcPeer();
  opened.push(phone);
  return phone;
}

/** Both hear each other. */
async function expectAudio(phone: WebrtcPeer, rtp: RtpPeer): Promise<void> {
  const pump = new AudioPump(phone, rtp);
  try {
    await pump.heardBothWays();
  } finally {
    pump.stop();
  }
}

/** A call of alice to the carrier that is up, with audio. */
async function talk(): Promise<UpCall & { rtp: RtpPeer; before: GatewayBrowser }> {
  world.carrier.answerWhatEndsCalls();
  const rtp = await RtpPeer.open();
  const phone = peer();
  opened.push(rtp);
  const before = await world.browser();
  await before.register();
  const call = await world.connect({
    browser: before,
    offer: await phone.offer(A_LAW),
    answer: (offer) => {
      rtp.follow(offer);
      return rtp.sdp({ payloadTypes: '8' });
    },
  });
  phone.take(call.ok.body);
  await phone.opened();
  await expectAudio(phone, rtp);
  return { ...call, rtp, before };
}

it('a page that is loaded again in a call is called back and talks on', async () => {
  const { before, rtp, invite } = await talk();
  before.vanish();
  await expect.poll(() => world.app.calls.list()[0]?.state, PATIENCE).toBe('detached');
  // Nobody speaks, and the carrier has comfort noise in its codec all the same.
  rtp.rtp.clear();
  const noise = await rtp.rtp.waitFor(25, ({ payloadType }) => payloadType === 8);
  expect(new Set(noise.map(({ payload }) => payload.toString('hex'))).size).toBeGreaterThan(5);
  const page = await world.browser();
  await page.register();
  const offered = await page.next('INVITE');
  expect(offered.require('X-Copperline-Reattach')).toBe(invite.require('Call-ID'));
  expect(offered.require('From')).toContain('<sip:600@gateway.test>');
  const phone = peer();
  page.reply(offered, 180);
  page.reply(offered, 200, { body: await phone.answer(offered.body, A_LAW) });
  await page.next('ACK');
  await phone.opened();
  await expectAudio(phone, rtp);
  expect(world.app.calls.list()).toMatchObject([{ state: 'up', direction: 'outbound' }]);
  page.calleeRequest('BYE', offered, { sequence: 1 });
  await page.next(200, 'BYE');
  const [cdr] = await world.settle(1);
  expect(cdr?.end).toMatchObject({ by: 'browser', code: 'NORMAL' });
  expect(world.carrier.inbox.filter(({ method }) => method === 'INVITE')).toEqual([]);
});

it('a page that comes back on another WebSocket goes on in its dialog, with new ICE', async () => {
  const { before, rtp, ok, carrierInvite } = await talk();
  before.vanish();
  const after = await world.browser('alice', before.sentBy);
  await after.register();
  await expect.poll(() => world.app.calls.list()[0]?.state, PATIENCE).toBe('up');
  const phone = peer();
  const body = await phone.offer(A_LAW);
  const reInvite = after.callerRequest('INVITE', ok, { sequence: 3, body });
  const answer = await after.answerTo(reInvite, 200);
  after.callerRequest('ACK', answer, { sequence: 3 });
  phone.take(answer.body);
  await phone.opened();
  await expectAudio(phone, rtp);
  world.carrier.calleeRequest('BYE', carrierInvite, { sequence: 1 });
  after.reply(await after.next('BYE'), 200);
  const [cdr] = await world.settle(1);
  expect(cdr?.end).toMatchObject({ by: 'carrier', code: 'NORMAL' });
  expect(world.carrier.inbox.filter(({ method }) => method === 'INVITE')).toEqual([]);
});

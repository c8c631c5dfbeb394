import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DtmfReport } from '../../../gateway/demo/dtmf-report.js';
import { AudioTalk, PCMU_FORMATS } from '../../support/audio-talk.js';
import { ExternalGateway } from '../../support/external-gateway.js';
import {
  openExternalSipServer,
  type ExternalSipServer,
} from '../../support/external-sip-server.js';
import type { GatewayBrowser } from '../../support/gateway-browser.js';
import { browserOffer, carrierAnswer } from '../../support/gateway-sdp.js';
import type { Cdr } from '../../support/gateway-world.js';
import { WebrtcPeer } from '../../support/media-webrtc-peer.js';
import type { PeerMessage } from '../../support/sip-peer-message.js';

/**
 * The gateway with `sip.server.drachtio`. DRACHTIO_HOST, DRACHTIO_PORT, DRACHTIO_SECRET and DRACHTIO_WS name a real
 * drachtio-server; without them the embedded SIP server stands in for one, as a process of its own.
 */
const ALL_KEYS = '1234567890*#ABCD';

let server: ExternalSipServer;
let gateway: ExternalGateway;
let media: WebrtcPeer | undefined;
let talk: AudioTalk | undefined;
/** Calls of the current test, in the order of their ends. */
let ended: Cdr[] = [];

beforeAll(async () => {
  server = await openExternalSipServer();
  gateway = await ExternalGateway.start({ server: server.settings });
  gateway.app.calls.events.on('ended', (record) => ended.push(record as unknown as Cdr));
});

afterAll(async () => {
  await gateway.close();
  const left = await server.counts();
  if (left !== undefined) expect(left).toMatchObject({ dialogs: 0, waiting: 0, flows: 0 });
  await server.close();
});

afterEach(async () => {
  await talk?.stop();
  media?.close();
  talk = media = undefined;
  await gateway.settled();
  ended = [];
});

/** What the browser says to an offer while the call is up. */
const BROWSER_ANSWER = browserOffer((lines) =>
  lines.map((line) => line.replace('actpass', 'active').replace('111 9 0 8 110 126', '8 126')),
);

/** The browser's part of a call with audio, up to the response that carries SDP. */
async function callWithAudio(
  browser: GatewayBrowser,
  number: string,
  status = 200,
): Promise<{ invite: PeerMessage; answer: PeerMessage }> {
  media = new WebrtcPeer();
  const invite = await browser.invite(number, await media.offer(PCMU_FORMATS));
  const answer = await browser.answerTo(invite, status);
  if (status === 200) browser.callerRequest('ACK', answer, { sequence: 2 });
  media.take(answer.body);
  await media.opened();
  return { invite, answer };
}

async function hangUp(browser: GatewayBrowser, answer: PeerMessage): Promise<void> {
  browser.callerRequest('BYE', answer, { sequence: 3 });
  await browser.next(200, 'BYE');
}

/** A call to the scripted carrier that is up, without audio. */
async function callScripted(
  browser: GatewayBrowser,
): Promise<{ ok: PeerMessage; carrierInvite: PeerMessage }> {
  const invite = await browser.invite('900', browserOffer());
  const carrierInvite = await gateway.scripted.next('INVITE');
  gateway.scripted.reply(carrierInvite, 180);
  await browser.answerTo(invite, 180);
  gateway.scripted.reply(carrierInvite, 200, { body: carrierAnswer() });
  const ok = await browser.answerTo(invite, 200);
  browser.callerRequest('ACK', ok, { sequence: 2 });
  return { ok, carrierInvite };
}

describe('a browser behind an external SIP server', () => {
  it('registers with its password, refreshes, and signs off', async () => {
    const browser = await gateway.browser();
    const ok = await browser.register();
    expect(ok.status).toBe(200);
    expect(ok.require('Contact')).toContain('expires=600');
    expect((await browser.register()).status).toBe(200);
  });

  it('is refused with a wrong password', async () => {
    const browser = await gateway.browser();
    expect((await browser.register('wrong')).status).toBe(401);
  });

  it('loses its registration with its WebSocket', async () => {
    const browser = await gateway.browser();
    await browser.register();
    browser.vanish();
    await expect.poll(async () => (await gateway.app.counts()).web.flows).toBe(0);
  });
});

describe('a call through an external SIP server', () => {
  it('carries audio both ways: 600 sends the tone back', async () => {
    const browser = await gateway.browser();
    const { answer } = await callWithAudio(browser, '600');
    talk = new AudioTalk(media!);
    await expect
      .poll(() => gateway.demo.calls()[0]?.hears?.frequencyHz, { timeout: 10_000 })
      .toSatisfy((hz: number) => Math.abs(hz - 1000) < 5);
    const heard = await media!.rtp.waitFor(50, ({ payloadType }) => payloadType === 0);
    expect(heard.at(-1)?.payload.includes(Buffer.from([0x1e, 0x0b, 0x0b, 0x1e]))).toBe(true);
    await hangUp(browser, answer);
    await expect.poll(() => ended).toMatchObject([{ dialled: '600', end: { by: 'browser' } }]);
  });

  it('carries all sixteen keys by the book of RFC 4733', async () => {
    const browser = await gateway.browser();
    const reported = new Promise<DtmfReport>((resolve) => {
      const remove = gateway.demo.onReport((report) => {
        remove();
        resolve(report);
      });
    });
    const { answer } = await callWithAudio(browser, '700');
    talk = new AudioTalk(media!);
    talk.press(ALL_KEYS);
    const report = await reported;
    expect(report.digits.map(({ digit }) => digit).join('')).toBe(ALL_KEYS);
    for (const digit of report.digits) {
      expect(digit).toMatchObject({ markerPositions: [0], sequenceContiguous: true });
      expect(digit).toMatchObject({ timestampConstant: true, endPackets: { count: 3 } });
    }
    await hangUp(browser, answer);
  });

  it('tells that 486 is busy', async () => {
    const browser = await gateway.browser();
    const invite = await browser.invite('486', browserOffer());
    const refusal = await browser.refusalOf(invite);
    expect(refusal.status).toBe(486);
    expect(refusal.reason).toMatch(/^[A-Z].{10,}\.$/);
    await expect.poll(() => ended).toMatchObject([{ dialled: '486', end: { sipStatus: 486 } }]);
  });

  it('plays the announcement of 183 before its refusal', async () => {
    const browser = await gateway.browser();
    const { invite, answer } = await callWithAudio(browser, '183', 183);
    // sip.js drops a 18x without it.
    expect(answer.address('Contact')).toMatch(/^sip:copperline@.+;transport=ws$/);
    await media!.rtp.waitFor(20);
    expect(await browser.refusalOf(invite)).toMatchObject({ status: 404 });
  });

  it('is cancelled while nobody answers', async () => {
    const browser = await gateway.browser();
    const invite = await browser.invite('408', browserOffer());
    await expect.poll(() => gateway.demo.counts().calls).toBe(1);
    browser.sameBranch('CANCEL', invite);
    await browser.next(200, 'CANCEL');
    expect(await browser.refusalOf(invite)).toMatchObject({ status: 487 });
    await expect.poll(() => gateway.demo.counts().calls).toBe(0);
    await expect.poll(() => ended).toMatchObject([{ dialled: '408', end: { by: 'browser' } }]);
  });

  it('ends with the BYE of the carrier', async () => {
    const browser = await gateway.browser();
    const { carrierInvite } = await callScripted(browser);
    gateway.scripted.calleeRequest('BYE', carrierInvite, { sequence: 1 });
    await gateway.scripted.next(200, 'BYE');
    browser.reply(await browser.next('BYE'), 200);
    await expect.poll(() => ended).toMatchObject([{ dialled: '900', end: { by: 'carrier' } }]);
  });

  it('takes a re-INVITE of the carrier', async () => {
    const browser = await gateway.browser();
    const { ok, carrierInvite } = await callScripted(browser);
    const body = carrierAnswer(8, 30_100);
    gateway.scripted.calleeRequest('INVITE', carrierInvite, { sequence: 1, body });
    // The carrier's media changed: the browser is asked.
    browser.reply(await browser.next('INVITE'), 200, { body: BROWSER_ANSWER });
    await browser.next('ACK');
    const answered = await gateway.scripted.next(200, 'INVITE');
    expect(answered.body).toContain('m=audio');
    gateway.scripted.calleeRequest('ACK', carrierInvite, { sequence: 1 });
    await hangUp(browser, ok);
  });

  it('ends when the browser vanishes', async () => {
    const browser = await gateway.browser();
    await callScripted(browser);
    const records = ended;
    browser.vanish();
    await expect.poll(() => records).toMatchObject([{ dialled: '900', end: { by: 'browser' } }]);
  });
});

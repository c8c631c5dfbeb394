import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { AudioTalk, PCMU_FORMATS } from '../../support/audio-talk.js';
import { GatewayWorld } from '../../support/gateway-world.js';
import { RtpPeer, type ReceivedRtp } from '../../support/media-rtp-peer.js';
import { WebrtcPeer } from '../../support/media-webrtc-peer.js';

/** Long enough for a token, and nothing else. */
const TOKEN = 'token-for-the-api-of-this-test-0123456789';
/** Keys that stand out: nothing but a key is one of these letters alone. */
const KEYS = 'BCD';
const KEY_ALONE = /(?:^|["'\s=:,[(])[BCD](?:["'\s,.;:\])\\]|$)/m;
const DTMF = { 'Content-Type': 'application/dtmf-relay' };
const FIRST_EVENT = 13;

let world: GatewayWorld;
const opened: { close(): void }[] = [];

beforeAll(async () => {
  world = await GatewayWorld.start((config) => ({
    ...config,
    web: { ...config.web, api: { token: TOKEN } },
    metrics: { port: 0 },
  }));
});
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});
afterAll(() => world.close());

const isEnd = ({ payload }: ReceivedRtp): boolean =>
  payload.length === 4 && (payload.readUInt8(1) & 0x80) !== 0;

async function textOf(url: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(url, init);
  return `${response.status} ${await response.text()}`;
}

it('tells no key in a log, a record, a metric or an answer, however it came', async () => {
  const [phone, rtp] = [new WebrtcPeer(), await RtpPeer.open()];
  opened.push(phone, rtp);
  const call = await world.connect({
    offer: await phone.offer(PCMU_FORMATS),
    answer: (offer) => {
      rtp.follow(offer);
      return rtp.sdp({
        payloadTypes: '0 101',
        lines: ['a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-15'],
      });
    },
  });
  world.carrier.answerWhatEndsCalls();
  phone.take(call.ok.body);
  await phone.opened();
  const talking = new AudioTalk(phone);
  try {
    await rtp.rtp.waitFor(1);
    // As events of the browser: each ends with three packets.
    talking.press(KEYS);
    const pressed = (await rtp.rtp.waitFor(9, isEnd)).map(({ payload }) => payload[0]);
    expect(new Set(pressed)).toEqual(new Set([13, 14, 15]));
    // As events of the carrier, which the browser is told as INFO too.
    for (let index = 0; index < KEYS.length; index += 1)
      rtp.send({
        ...{ payloadType: 101, ssrc: 5, marker: true, sequence: 1 + index },
        timestamp: 8_000 + index * 4_000,
        payload: Buffer.of(FIRST_EVENT + index, 0x8a, 0x03, 0x20),
      });
    for (const key of KEYS) {
      const info = await call.browser.next('INFO');
      expect(info.body).toContain(`Signal=${key}`);
      call.browser.reply(info, 200);
    }
    // By INFO of the browser, for a press that its media told as well, and by the API.
    const { browser, ok } = call;
    browser.callerRequest('INFO', ok, {
      sequence: 3,
      headers: DTMF,
      body: 'Signal=D\r\nDuration=99',
    });
    await browser.next(200, 'INFO');
    const [{ id } = { id: '' }] = world.app.calls.list();
    const digits = `${world.app.url}api/calls/${id}/digits`;
    const headers = { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' };
    const answers = [
      await textOf(digits, { method: 'POST', headers, body: JSON.stringify({ digits: KEYS }) }),
      await textOf(digits, {
        method: 'POST',
        headers,
        body: JSON.stringify({ digits: 'B C D ?' }),
      }),
      await textOf(`${world.app.url}health`),
      await textOf(`${world.app.url}api/trunks`),
      await textOf(world.app.metricsUrl ?? ''),
    ];
    expect(answers.map((text) => text.slice(0, 3))).toEqual(['202', '400', '200', '200', '200']);
    // The fault names what may be sent.
    const told = answers.map((text) => text.replace('0-9, *, #, A-D', ''));
    expect(told.filter((text) => KEY_ALONE.test(text))).toEqual([]);
    browser.callerRequest('BYE', ok, { sequence: 4 });
    await browser.next(200, 'BYE');
  } finally {
    await talking.stop();
  }
  const before = world.log.length;
  expect(before).toBeGreaterThan(10);
  expect(world.log.filter((line) => KEY_ALONE.test(JSON.stringify(line)))).toEqual([]);
  const [cdr] = await world.settle(1, [/Signal=/, KEY_ALONE]);
  expect(JSON.stringify(cdr)).not.toMatch(KEY_ALONE);
  expect(JSON.stringify(cdr)).not.toContain(KEYS);
});

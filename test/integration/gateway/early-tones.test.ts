import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../../gateway/config/schema.js';
import { createDecoder } from '../../../gateway/media/codecs/create-codec.js';
import { AudioPump } from '../../support/audio-pump.js';
import type { GatewayBrowser } from '../../support/gateway-browser.js';
import { GatewayWorld } from '../../support/gateway-world.js';
import { RtpPeer } from '../../support/media-rtp-peer.js';
import { WebrtcPeer } from '../../support/media-webrtc-peer.js';
import { RtpengineDaemon, rtpengineMissing } from '../../support/rtpengine-daemon.js';
import type { PeerMessage } from '../../support/sip-peer-message.js';
import { hearTone } from '../../support/tone.js';

const A_LAW = { payloadTypes: '8', lines: ['a=rtpmap:8 PCMA/8000'] };
/** The tones of Germany, Hz. */
const GERMAN_HZ = 425;
const PACKETS = 20;
const RATE = 8000;

let world: GatewayWorld;
const opened: { close(): void }[] = [];

async function start(media: ConfigInput['media']): Promise<void> {
  world = await GatewayWorld.start((config) => ({
    ...config,
    media: media ?? config.media,
    trunks: config.trunks?.map((trunk) => ({
      ...trunk,
      inbound: { ...trunk.inbound, ringback: 'local', refusalToneSeconds: 4 },
    })),
    inbound: { numbers: [{ name: 'alice', numbers: ['+493011112222'], user: 'alice' }] },
  }));
}

afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

async function ring(): Promise<{
  rtp: RtpPeer;
  invite: PeerMessage;
  browsers: { browser: GatewayBrowser; rung: PeerMessage }[];
}> {
  const browsers = [await world.browser(), await world.browser()];
  for (const browser of browsers) expect((await browser.register()).status).toBe(200);
  const rtp = await RtpPeer.open();
  opened.push(rtp);
  world.carrier.towards(world.sipPort);
  world.carrier.answerWhatEndsCalls();
  const invite = world.carrier.request('INVITE', {
    uri: `sip:+493011112222@127.0.0.1:${world.sipPort}`,
    headers: { From: `<sip:+4989777@${world.carrier.sentBy}>;tag=early${world.carrier.datagrams}` },
    body: rtp.sdp({ payloadTypes: '8' }),
  });
  const rung = await Promise.all(browsers.map((browser) => browser.next('INVITE')));
  return {
    ...{ rtp, invite },
    browsers: browsers.map((browser, index) => ({ browser, rung: rung[index]! })),
  };
}

/** The 183 of our own tone, and the tone. */
async function expectEarlyTone(rtp: RtpPeer): Promise<PeerMessage> {
  const early = await world.carrier.next(183);
  rtp.follow(early.body);
  const packets = await rtp.rtp.waitFor(PACKETS);
  const decoder = createDecoder('pcma', 'pcma');
  const pcm = new Int16Array(160 * PACKETS);
  packets.slice(0, PACKETS).forEach(({ payload }, index) => {
    decoder.decode(payload, pcm.subarray(index * 160));
  });
  expect(hearTone(pcm.subarray(400), GERMAN_HZ, RATE).amplitude).toBeGreaterThan(3000);
  return early;
}

describe('early tones for a carrier that calls', () => {
  beforeAll(() => start(undefined));
  afterAll(() => world.close());
  earlyToneCases();
});

const missing = rtpengineMissing();
describe.skipIf(missing !== undefined)(`early tones over rtpengine ${missing ?? ''}`, () => {
  let daemon: RtpengineDaemon;
  beforeAll(async () => {
    const port = await RtpengineDaemon.freePort();
    daemon = await RtpengineDaemon.start(port);
    await start({
      engine: 'rtpengine',
      rtpengine: {
        daemons: [{ host: '127.0.0.1', port: daemon.port }],
        ...{ digits: { port }, reports: { port: 0 }, pingIntervalMs: 200 },
      },
    });
  });
  // The clock that the calls before let run on has left pings without an answer in time.
  beforeEach(() =>
    expect.poll(async () => (await world.app.counts()).media.workers, { timeout: 10_000 }).toBe(1),
  );
  afterAll(async () => {
    await world.close();
    await daemon.stop();
  });
  earlyToneCases();
});

function earlyToneCases(): void {
  it('ringback, and then the browser that answers, by a re-INVITE to it', async () => {
    const { rtp, browsers } = await ring();
    const [first, second] = browsers;
    first!.browser.reply(first!.rung, 180);
    const early = await expectEarlyTone(rtp);
    first!.browser.reply(first!.rung, 480);
    await first!.browser.next('ACK');
    const [before, phone] = [new WebrtcPeer(), new WebrtcPeer()];
    opened.push(before, phone);
    const { browser, rung } = second!;
    browser.reply(rung, 200, { body: await before.answer(rung.body, A_LAW) });
    await browser.next('ACK');
    const again = await browser.next('INVITE');
    expect(again.body).not.toBe(rung.body);
    browser.reply(again, 200, { body: await phone.answer(again.body, A_LAW) });
    await browser.next('ACK');
    const ok = await world.carrier.next(200, 'INVITE');
    expect(ok.body, 'the answer that it has already').toBe(early.body);
    world.carrier.callerRequest('ACK', ok, { sequence: 1 });
    await phone.opened();
    const pump = new AudioPump(phone, rtp);
    await pump.heardBothWays();
    pump.stop();
    world.carrier.callerRequest('BYE', ok, { sequence: 2 });
    await world.carrier.next(200, 'BYE');
    browser.reply(await browser.next('BYE'), 200);
    const [cdr] = await world.settle(1);
    expect(cdr).toMatchObject({
      end: { by: 'carrier', code: 'NORMAL' },
      times: { earlyMediaMs: expect.any(Number) as number },
    });
  });

  it('ringback, and then the browser that rang first, without another INVITE', async () => {
    const { rtp, browsers } = await ring();
    const { browser, rung } = browsers[0]!;
    browser.reply(rung, 180);
    const early = await expectEarlyTone(rtp);
    const phone = new WebrtcPeer();
    opened.push(phone);
    browser.reply(rung, 200, { body: await phone.answer(rung.body, A_LAW) });
    const ok = await world.carrier.next(200, 'INVITE');
    expect(ok.body).toBe(early.body);
    world.carrier.callerRequest('ACK', ok, { sequence: 1 });
    await phone.opened();
    const pump = new AudioPump(phone, rtp);
    await pump.heardBothWays();
    pump.stop();
    world.carrier.callerRequest('BYE', ok, { sequence: 2 });
    browser.reply(await browser.next('BYE'), 200);
    await world.settle(1);
  });

  it('busy, and then the refusal', async () => {
    const { rtp, invite, browsers } = await ring();
    for (const { browser, rung } of browsers) browser.reply(rung, 486);
    await expectEarlyTone(rtp);
    const refusal = await world.carrier.next(486, 'INVITE');
    world.carrier.sameBranch('ACK', invite, refusal.require('To'));
    const [cdr] = await world.settle(1);
    expect(cdr?.end.code).toBe('BUSY');
  });
}

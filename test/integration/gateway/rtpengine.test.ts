import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  sendPaced,
  audio,
  closeOpened,
  openBrowser,
  openCarrier,
  answerFormats,
  eventTypeIn,
} from '../../support/media-rig.js';
import { GatewayWorld } from '../../support/gateway-world.js';
import { ReportingTalker } from '../../contract/reporting-talker.js';
import { RtpengineDaemon, rtpengineMissing } from '../../support/rtpengine-daemon.js';
import type { PeerMessage } from '../../support/sip-peer-message.js';

const missing = rtpengineMissing();
const OPUS_ONLY = {
  payloadTypes: '111 110',
  lines: ['a=rtpmap:111 opus/48000/2', 'a=rtpmap:110 telephone-event/48000'],
};

describe.skipIf(missing !== undefined)(`the gateway over rtpengine ${missing ?? ''}`, () => {
  let daemons: [RtpengineDaemon, RtpengineDaemon];
  let world: GatewayWorld;

  beforeAll(async () => {
    const port = await RtpengineDaemon.freePort();
    const reports = await RtpengineDaemon.freePort();
    daemons = [
      await RtpengineDaemon.start(port, reports),
      await RtpengineDaemon.start(port, reports),
    ];
    world = await GatewayWorld.start((config) => ({
      ...config,
      media: {
        engine: 'rtpengine',
        rtpengine: {
          daemons: daemons.map((daemon, index) => ({
            ...{ host: '127.0.0.1', port: daemon.port, weight: 1 - index },
          })),
          digits: { port },
          reports: { port: reports },
          instance: 'world',
          requestTimeoutMs: 500,
          pingIntervalMs: 200,
        },
      },
      trunks: config.trunks?.map((trunk) => ({ ...trunk, dtmf: 'rfc4733' })) ?? [],
    }));
  });
  afterEach(() => closeOpened());
  afterAll(async () => {
    await world.close();
    for (const daemon of daemons) await daemon.stop();
  });

  const daemonsUp = async (): Promise<number> => (await world.app.counts()).media.workers;

  beforeEach(async () => {
    world.carrier.answerWhatEndsCalls();
    // settle() skips the time in which pings are answered: until the next one a daemon may count as down.
    await expect.poll(daemonsUp).toBe(daemons.length);
  });

  it('carries a call with transcoding and digits, and the record has its counters', async () => {
    const [media, carrier] = [openBrowser(), await openCarrier()];
    const offer = await media.offer(OPUS_ONLY);
    const call = await world.connect({
      offer,
      answer: (sdp) => {
        carrier.follow(sdp);
        return carrier.sdp(answerFormats(sdp, 'pcmu'));
      },
    });
    media.take(call.ok.body);
    await media.opened();
    const run = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };
    const opus = { ...run, payloadType: 111, step: 960, bytes: 3 };
    await Promise.all([
      sendPaced(audio(40, run), carrier),
      // DTX frames: what else a codec would make of bytes by hand is of no matter here.
      sendPaced(audio(40, opus), media),
      media.rtp.waitFor(20, ({ payloadType }) => payloadType === 111),
      carrier.rtp.waitFor(20, ({ payloadType }) => payloadType === 0),
    ]);
    media.send({
      ...{ payloadType: 110, sequence: 41, timestamp: 40 * 960, ssrc: 5, marker: true },
      payload: Buffer.of(7, 0x8a, 0x12, 0xc0),
    });
    const type = eventTypeIn(call.carrierInvite.body, 8000);
    const [event] = await carrier.rtp.waitFor(1, ({ payloadType }) => payloadType === type);
    expect([event?.payload[0], event?.payload.readUInt16BE(2)]).toEqual([7, 800]);
    await world.hangUp(call);
    const [record] = await world.settle(1);
    expect(record?.media?.caller).toMatchObject({ codec: 'opus', digitsReceived: 1 });
    expect(record?.media?.callee).toMatchObject({ codec: 'pcmu', digitsSent: 1 });
    expect(record?.media?.callee.packetsReceived).toBe(40);
  });

  it('writes into the record how both sides sounded', async () => {
    const [media, carrier] = [openBrowser(), await openCarrier()];
    const call = await world.connect({
      offer: await media.offer(),
      answer: (sdp) => {
        carrier.follow(sdp);
        return carrier.sdp(answerFormats(sdp, 'pcmu'));
      },
    });
    media.take(call.ok.body);
    await media.opened();
    const talkers = [
      new ReportingTalker(media, { ssrc: 0x6060 }),
      new ReportingTalker(carrier, { ssrc: 0x7070, loses: { of: 'heard', every: 5 } }),
    ];
    // Five reports of each.
    await Promise.all([media.rtp.waitFor(260), carrier.rtp.waitFor(260)]);
    for (const talker of talkers) talker.stop();
    await world.hangUp(call);
    const [record] = await world.settle(1);
    const any = expect.any(Number) as number;
    const said = { lossPercent: expect.closeTo(0, 0) as number, mos: any };
    expect(record?.media?.caller).toMatchObject({
      quality: { sent: said, received: { mos: any } },
    });
    const lost = { lossPercent: expect.closeTo(20, -1) as number, mos: any };
    expect(record?.media?.callee).toMatchObject({
      quality: { sent: lost, received: { mos: any } },
    });
  });

  it('refuses an answer that needs payload types renumbered, with a sentence', async () => {
    const [media, carrier] = [openBrowser(), await openCarrier()];
    const refused = await withOpusTrunk((sdp) =>
      carrier.sdp(answerFormats(sdp.replace(':111 opus', ':112 opus'), 'opus')),
    );
    const refusal = await refused(await media.offer());
    expect(refusal).toMatchObject({ status: 502, code: 'CL_TRUNK_BAD_SDP' });
    expect(refusal.reason).toMatch(/gives opus the payload type 112, the offer 111; rtpengine/);
  });

  /** A call through a gateway of its own, whose trunk speaks Opus. */
  async function withOpusTrunk(
    answer: (offer: string) => string,
  ): Promise<(offer: string) => Promise<{ status: number; code: string; reason: string }>> {
    const own = await GatewayWorld.start((config) => ({
      ...config,
      media: {
        engine: 'rtpengine',
        rtpengine: {
          daemons: [{ host: '127.0.0.1', port: daemons[0].port }],
          digits: { port: 0 },
          reports: { port: 0 },
          instance: 'opus',
        },
      },
      trunks: config.trunks?.map((trunk) => ({ ...trunk, codecs: ['opus'] })) ?? [],
    }));
    return async (offer) => {
      const browser = await own.browser();
      const invite = await browser.invite('600', offer);
      const carrierInvite: PeerMessage = await own.carrier.next('INVITE');
      own.carrier.answerWhatEndsCalls();
      own.carrier.reply(carrierInvite, 200, { body: answer(carrierInvite.body) });
      const refusal = await browser.refusalOf(invite);
      const [record] = await own.settle(1);
      expect(record?.end).toMatchObject({ code: refusal.code, sentence: refusal.reason });
      await own.close();
      return refusal;
    };
  }

  it('ends a call whose daemon dies, and takes the next one to another', async () => {
    const [media, carrier] = [openBrowser(), await openCarrier()];
    const call = await world.connect({
      offer: await media.offer(),
      answer: (sdp) => carrier.sdp(answerFormats(sdp, 'pcmu')),
    });
    await daemons[0].stop('SIGKILL');
    call.browser.reply(await call.browser.next('BYE'), 200);
    const [record] = await world.settle(1);
    expect(record?.end).toMatchObject({ code: 'CL_MEDIA_WORKER_DIED', by: 'gateway' });
    expect(record?.end.sentence).toMatch(/rtpengine at 127\.0\.0\.1:\d+.*no longer answers/);
    world.carrier.answerWhatEndsCalls();
    await expect.poll(daemonsUp).toBe(1);
    const next = await world.connect({ offer: await openBrowser().offer() });
    await world.hangUp(next);
    await world.settle(1);
    await daemons[0].up();
  });

  it('refuses calls while no daemon answers', async () => {
    for (const daemon of daemons) await daemon.stop('SIGKILL');
    await expect.poll(daemonsUp, { timeout: 10_000 }).toBe(0);
    const health = await fetch(`${world.app.url}health`);
    expect(health.status).toBe(503);
    expect(await health.text()).toContain('No rtpengine answers.');
    const browser = await world.browser();
    const refusal = await browser.refusalOf(
      await browser.invite('600', await openBrowser().offer()),
    );
    expect(refusal).toMatchObject({ status: 503, code: 'CL_MEDIA_UNAVAILABLE' });
    expect(refusal.reason).toMatch(/^No rtpengine answers \(127\.0\.0\.1:\d+, 127/);
    await world.settle(1);
    for (const daemon of daemons) await daemon.up();
    await expect.poll(daemonsUp, { timeout: 10_000 }).toBe(2);
  });
});

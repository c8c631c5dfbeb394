import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../gateway/kernel/clock.js';
import { silentLog } from '../../../gateway/kernel/log.js';
import type { CodecName } from '../../../gateway/media/media-engine.js';
import { NgClient } from '../../../gateway/media/rtpengine/ng-client.js';
import {
  createRtpengineEngine,
  type RtpengineEngine,
} from '../../../gateway/media/rtpengine/rtpengine-engine.js';
import {
  ALL_CODECS,
  audio,
  closeOpened,
  lines,
  openBrowser,
  openCarrier,
  openSession,
  placeCall,
  policy,
  sendInStep,
  SessionEvents,
} from '../../support/media-rig.js';
import { RtpengineDaemon, rtpengineMissing } from '../../support/rtpengine-daemon.js';
import { freeListenAddress, openRtpengine } from '../../support/rtpengine-on-loopback.js';

const missing = rtpengineMissing();
const INSTANCE = 'own';
const TYPES: Record<CodecName, [type: number, step: number, event: number, clock: number]> = {
  'l16-8000': [118, 160, 126, 8000],
  'l16-16000': [119, 320, 127, 16_000],
  opus: [111, 960, 110, 48_000],
  g722: [9, 160, 126, 8000],
  pcmu: [0, 160, 126, 8000],
  pcma: [8, 160, 126, 8000],
};

describe.skipIf(missing !== undefined)(`rtpengine alone ${missing ?? ''}`, () => {
  let daemons: [RtpengineDaemon, RtpengineDaemon];
  let engine: RtpengineEngine;

  const start = (...used: RtpengineDaemon[]): Promise<RtpengineEngine> =>
    createRtpengineEngine({
      daemons: used.map(({ port }) => ({ host: '127.0.0.1', port, weight: 1 })),
      instance: INSTANCE,
      timeoutMs: 10_000,
      requestTimeoutMs: 800,
      pingMs: 60_000,
      log: silentLog,
      clock: systemClock,
    });

  beforeAll(async () => {
    const digits = await freeListenAddress();
    const first = await openRtpengine({ instance: INSTANCE, digits });
    daemons = [first.daemon, await RtpengineDaemon.start(digits.port)];
    engine = first.engine;
  });
  afterEach(async () => {
    await closeOpened();
    expect(await engine.counts()).toMatchObject({ sessions: 0, ports: 0 });
  });
  afterAll(async () => {
    await engine.close();
    for (const daemon of daemons) await daemon.stop();
  });

  it.each(ALL_CODECS)('carries %s and its digits both ways, untouched', async (codec) => {
    const [type, step, event, clock] = TYPES[codec];
    const events = new SessionEvents();
    const session = await openSession(engine, events);
    const [browser, carrier] = [openBrowser(), await openCarrier()];
    const policies = { from: policy('webrtc', ALL_CODECS), to: policy('rtp', [codec]) };
    carrier.follow(await session.offerTo('callee', await browser.offer(), policies));
    const formats = { payloadTypes: `${type} ${event}`, lines: rtpmaps(codec) };
    const answer = await session.answerTo('caller', carrier.sdp(formats));
    expect(lines(answer, 'm=audio')[0]?.endsWith(` ${type} ${event}`)).toBe(true);
    browser.take(answer);
    await browser.opened();
    const run = { payloadType: type, sequence: 1, timestamp: 0, step };
    for (const [from, to] of [
      [browser, carrier],
      [carrier, browser],
    ] as const) {
      await sendInStep(audio(5, { ...run, ssrc: 3 }), from, to);
      expect(to.rtp.items.map(({ payload }) => payload[0])).toEqual([1, 2, 3, 4, 5]);
      expect(to.rtp.items.every(({ payloadType }) => payloadType === type)).toBe(true);
      for (const [index, part] of [1, 2, 3, 4, 5].entries())
        from.send({
          payloadType: event,
          sequence: 6 + index,
          timestamp: 5 * step,
          ssrc: 3,
          marker: index === 0,
          payload: Buffer.of(11, part === 5 ? 0x8a : 0x0a, ...short((part * clock) / 50)),
        });
      await to.rtp.waitFor(10);
    }
    const reports = await events.digits.waitFor(2);
    expect(reports.map(({ from, digit }) => [from, digit])).toEqual([
      ['caller', '#'],
      ['callee', '#'],
    ]);
    const { caller, callee } = await session.close();
    expect([caller.packetsReceived, caller.packetsSent, caller.codec]).toEqual([10, 10, codec]);
    expect([caller.digitsReceived, callee.digitsSent, callee.digitsReceived]).toEqual([1, 1, 1]);
  });

  it('takes a new call to another daemon when the first one is silent', async () => {
    const pool = await start(...daemons);
    await daemons[0].stop('SIGKILL');
    const call = await placeCall(pool);
    const run = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };
    await sendInStep(audio(3, run), call.carrier, call.browser);
    await pool.close();
    await daemons[0].up();
  });

  it('refuses calls with a sentence when no daemon answers', async () => {
    const pool = await start();
    const opened = pool.open({ callId: 'x', handlers: new SessionEvents().handlers });
    await expect(opened).rejects.toMatchObject({ code: 'CL_MEDIA_UNAVAILABLE', sipStatus: 503 });
    await pool.close();
  });

  it('deletes what an earlier run left behind, and nothing else', async () => {
    const address = { host: '127.0.0.1', port: daemons[1].port };
    const client = new NgClient({ address, timeoutMs: 2000, clock: systemClock });
    const carrier = await openCarrier();
    const sdp = carrier.sdp({ payloadTypes: '0' });
    for (const id of [`${INSTANCE}/before/1`, 'somebody/else/1'])
      await client.request('offer', { 'call-id': id, 'from-tag': 'caller', sdp });
    const again = await start(daemons[1]);
    expect((await client.request('list', { limit: 10 }))['calls']).toEqual(['somebody/else/1']);
    await client.request('delete', { 'call-id': 'somebody/else/1', 'delete-delay': 0 });
    await again.close();
    client.close();
  });
});

function rtpmaps(codec: CodecName): string[] {
  const [, , event, clock] = TYPES[codec];
  const audioMap = codec === 'opus' ? ['a=rtpmap:111 opus/48000/2'] : [];
  return [...audioMap, `a=rtpmap:${event} telephone-event/${clock}`];
}

function short(value: number): [number, number] {
  return [value >> 8, value & 0xff];
}

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LegQuality, StreamQuality } from '../../../gateway/media/media-engine.js';
import type { RtpengineEngine } from '../../../gateway/media/rtpengine/rtpengine-engine.js';
import { ReportingTalker, TOLD, type TalkerOptions } from '../../contract/reporting-talker.js';
import { audio, closeOpened, placeCall, sendPaced, type Call } from '../../support/media-rig.js';
import { rtpengineMissing, type RtpengineDaemon } from '../../support/rtpengine-daemon.js';
import { freeListenAddress, openRtpengine } from '../../support/rtpengine-on-loopback.js';

const missing = rtpengineMissing();
const PATIENCE = { timeout: 50_000, interval: 100 };
const LIMIT_MS = 70_000;

interface Measured extends Pick<LegQuality, 'roundTripMs' | 'problem'> {
  received: StreamQuality;
  sent: StreamQuality;
}

/** Fails while something is missing. */
function measuredIn(quality: LegQuality | undefined): Measured {
  const any = expect.any(Number) as number;
  expect(quality).toMatchObject({ sent: { mos: any }, received: { mos: any } });
  return quality as Measured;
}

describe.skipIf(missing !== undefined)(`quality of rtpengine's calls ${missing ?? ''}`, () => {
  let daemon: RtpengineDaemon;
  let engine: RtpengineEngine;

  beforeAll(async () => {
    ({ daemon, engine } = await openRtpengine({ reports: await freeListenAddress() }));
  });
  afterEach(async () => {
    await closeOpened();
    expect(await engine.counts()).toMatchObject({ sessions: 0, ports: 0 });
  });
  afterAll(async () => {
    await engine.close();
    await daemon.stop();
  });

  /** Both ends talk and report until what is measured is as it should be. */
  async function whileTalking(
    call: Call,
    loses: TalkerOptions['loses'],
    check: () => Promise<void>,
  ): Promise<void> {
    const talkers = [
      new ReportingTalker(call.browser, { ssrc: 0x6060, loses: undefined }),
      new ReportingTalker(call.carrier, { ssrc: 0x7070, loses }),
    ];
    try {
      await expect.poll(check, PATIENCE).toBeUndefined();
    } finally {
      for (const talker of talkers) talker.stop();
    }
  }

  it(
    'tells the loss, round trip and MOS of a carrier that loses what it hears',
    async () => {
      const call = await placeCall(engine);
      await whileTalking(call, { of: 'heard', every: 5 }, async () => {
        const last = call.events.quality.items.at(-1)?.callee;
        const { callee, caller } = await call.session.statistics();
        for (const quality of [last, callee.quality]) {
          const { sent, received, roundTripMs, problem } = measuredIn(quality);
          expect(problem).toBeUndefined();
          expect(Math.abs(sent.lossPercent - 20)).toBeLessThan(4);
          expect(sent.jitterMs).toBeCloseTo(TOLD.jitterMs, 0);
          expect(sent.mos).toBeLessThan(3.2);
          expect(received.lossPercent).toBeLessThan(1);
          expect(received.mos).toBeGreaterThan(4.1);
          expect(roundTripMs).toBeGreaterThan(0.9 * TOLD.roundTripMs);
          expect(roundTripMs).toBeLessThan(TOLD.roundTripMs + 500);
        }
        expect(callee.roundTripMs).toBe(callee.quality?.roundTripMs);
        expect(caller.quality?.sent?.lossPercent).toBeLessThan(1);
      });
    },
    LIMIT_MS,
  );

  it(
    'tells what is lost of what a carrier says',
    async () => {
      const call = await placeCall(engine);
      await whileTalking(call, { of: 'said', every: 5 }, async () => {
        const last = call.events.quality.items.at(-1);
        const { callee } = await call.session.statistics();
        for (const quality of [last?.callee, callee.quality]) {
          const { received } = measuredIn(quality);
          expect(Math.abs(received.lossPercent - 20)).toBeLessThan(4);
          expect(received.jitterMs, 'which rtpengine does not tell').toBeUndefined();
          expect(received.mos).toBeLessThan(3.2);
        }
        expect(callee.packetsLost).toBeGreaterThan(20);
      });
    },
    LIMIT_MS,
  );

  it('names a side of which nothing comes', async () => {
    const call = await placeCall(engine);
    const run = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };
    await sendPaced(audio(5, run), call.browser);
    await expect
      .poll(async () => {
        const last = call.events.quality.items.at(-1);
        const { callee } = await call.session.statistics();
        for (const quality of [last?.callee, callee.quality])
          expect(quality?.problem).toMatch(
            /^No packets from the carrier since the answer: check the addresses of rtpengine \(--interface\)/,
          );
      }, PATIENCE)
      .toBeUndefined();
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../gateway/kernel/clock.js';
import { silentLog } from '../../../gateway/kernel/log.js';
import { decodeMuLaw, encodeMuLaw } from '../../../gateway/media/codecs/g711.js';
import type { WorkerEngine } from '../../../gateway/media/workers/worker-pool.js';
import { createWrtcEngine } from '../../../gateway/media/workers/wrtc-engine.js';
import { digitPackets } from '../../contract/media-digits.contract.js';
import { heard, silence } from '../../support/dtmf/tone-bench.js';
import { audio, closeOpened, eventTypeIn, placeCall, sendPaced } from '../../support/media-rig.js';

/** For `CALLS=1000 npx vitest run --project integration test/integration/media/wrtc-own.test.ts`. */
const CALLS = Number(process.env['CALLS'] ?? 30);
/** What the first calls load and keep. */
const WARM_UP = 10;
const MARKS = [100, 200, 500, 1000, 2000];

const SPOKEN = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 7 };
const QUIET = Buffer.from(Uint8Array.from(silence(20), encodeMuLaw));

describe('wrtc alone', () => {
  let engine: WorkerEngine;

  beforeAll(async () => {
    engine = await createWrtcEngine({
      workers: 1,
      browser: { host: '127.0.0.1', ports: undefined },
      carrier: { host: '127.0.0.1', ports: undefined },
      ...{ timeoutMs: 10_000, log: silentLog, clock: systemClock },
    });
  });
  afterEach(async () => {
    await closeOpened();
    expect(await engine.counts()).toMatchObject({ sessions: 0, ports: 0 });
  });
  afterAll(() => engine.close());

  it('plays the digits of a carrier to the browser as tones, and reports each once', async () => {
    const call = await placeCall(engine);
    const payloadType = eventTypeIn(call.carrierOffer, 8000);
    const packets = [1, 2, 2].flatMap((event, index) => [
      ...digitPackets(event, { payloadType, sequence: 1 + index * 14, clock: 8000 }).map(
        (packet) => ({ ...packet, timestamp: 50_000 + index * 2240 }),
      ),
      ...audio(7, { ...SPOKEN, sequence: 8 + index * 14, timestamp: 51_120 + index * 2240 }).map(
        (packet) => ({ ...packet, payload: QUIET }),
      ),
    ]);
    await sendPaced(packets, call.carrier);
    const reports = await call.events.digits.waitFor(3);
    expect(reports.map(({ from, digit, carried }) => [from, digit, carried])).toEqual(
      ['1', '2', '2'].map((digit) => ['callee', digit, true]),
    );
    const sound = (): Int16Array =>
      Int16Array.from(
        call.browser.rtp.items.flatMap(({ payload }) => [...payload].map(decodeMuLaw)),
      );
    await expect.poll(() => heard(sound())).toBe('122');
  });

  it('tells the carrier the digits of a browser as events, each once', async () => {
    const call = await placeCall(engine);
    const packets = [5, 0, 11].flatMap((event, index) => [
      ...audio(10, { ...SPOKEN, sequence: 1 + index * 17, timestamp: index * 2720 }).map(
        (packet) => ({ ...packet, payload: QUIET }),
      ),
      ...digitPackets(event, { payloadType: 126, sequence: 11 + index * 17, clock: 8000 }).map(
        (packet) => ({ ...packet, timestamp: 1600 + index * 2720 }),
      ),
    ]);
    const after = audio(20, { ...SPOKEN, sequence: 52, timestamp: 8160 });
    await sendPaced(
      [...packets, ...after.map((packet) => ({ ...packet, payload: QUIET }))],
      call.browser,
    );
    const reports = await call.events.digits.waitFor(3);
    expect(reports.map(({ from, digit, carried }) => [from, digit, carried])).toEqual(
      ['5', '0', '#'].map((digit) => ['caller', digit, true]),
    );
    const type = eventTypeIn(call.carrierOffer, 8000);
    const isEnd = ({ payloadType, payload }: { payloadType: number; payload: Buffer }): boolean =>
      payloadType === type && (payload.readUInt8(1) & 0x80) !== 0;
    const ends = (await call.carrier.rtp.waitFor(9, isEnd)).filter(isEnd);
    expect(ends.map(({ payload }) => payload[0])).toEqual([5, 5, 5, 0, 0, 0, 11, 11, 11]);
  });

  it(
    `frees all of ${CALLS} calls, one after another`,
    { timeout: 60_000 + 2000 * CALLS },
    async () => {
      const memoryMb = async (): Promise<number> => {
        const [worker] = (await engine.workerHealth?.()) ?? [];
        return (worker?.memoryBytes ?? 0) / 2 ** 20;
      };
      let before = 0;
      for (let call = 0; call < CALLS; call += 1) {
        const { carrier, browser } = await placeCall(engine);
        await sendPaced(audio(2, SPOKEN), carrier);
        await browser.rtp.waitFor(1);
        await closeOpened();
        if (call === WARM_UP) before = await memoryMb();
        // Of a long run, for who started it.
        if (MARKS.includes(call + 1))
          process.stdout.write(`after ${call + 1} calls: ${(await memoryMb()).toFixed(0)} MB\n`);
      }
      expect(before).toBeGreaterThan(0);
      const grown = (await memoryMb()) - before;
      // A session that stayed would cost 1.5 MB for each call.
      expect(grown).toBeLessThan(10 + 0.5 * (CALLS - WARM_UP));
    },
  );
});

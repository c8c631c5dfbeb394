import { expect } from 'vitest';
import type { LegQuality, StreamQuality } from '../../gateway/media/media-engine.js';
import { placeCall, type Call } from '../support/media-rig.js';
import type { Suite } from './engine-under-test.js';
import { ReportingTalker, TOLD, type TalkerOptions } from './reporting-talker.js';

/** E-model of G.711 with nothing lost is 4.4; this has room for a busy machine's jitter and round trip. */
const LEAST_CLEAN_MOS = 4.1;
/** One packet of five. */
const LOSS = { every: 5, percent: 20 };
/** The E-model says 2.6 for G.711 and 20 % of loss at random. */
const LOSSY_MOS = { least: 1.8, most: 3.2 };
/** An interval holds some 250 packets, of which the first and the last may belong to another. */
const LOSS_TOLERANCE = 4;
/** Reports come within 7.5 s, events each 5 s. */
const PATIENCE = { timeout: 40_000, interval: 100 };
const LIMIT_MS = 60_000;

interface Measured extends Pick<LegQuality, 'roundTripMs'> {
  received: StreamQuality;
  sent: StreamQuality;
}

/** Both ends of the calls talk and report while the task runs. */
async function whileTalking(
  calls: readonly { call: Call; loses: TalkerOptions['loses'] }[],
  task: () => Promise<void>,
): Promise<void> {
  const talkers = calls.flatMap(({ call, loses }) => [
    new ReportingTalker(call.browser, { ssrc: 0x6060, loses }),
    new ReportingTalker(call.carrier, { ssrc: 0x7070, loses }),
  ]);
  try {
    await task();
  } finally {
    for (const talker of talkers) talker.stop();
  }
}

/** What the statistics and the last event say of each leg; fails while something is missing. */
async function measured({ session, events }: Call): Promise<Measured[]> {
  const last = events.quality.items.at(-1);
  const statistics = await session.statistics();
  return (['caller', 'callee'] as const).flatMap((leg) =>
    [last?.[leg], statistics[leg].quality].map((quality) => {
      const any = expect.any(Number) as number;
      expect(quality).toMatchObject({
        received: { lossPercent: any },
        sent: { lossPercent: any },
        roundTripMs: any,
        problem: undefined,
      });
      return quality as Measured;
    }),
  );
}

function expectPlausible({ received, sent, roundTripMs }: Measured): void {
  expect(sent.jitterMs).toBeCloseTo(TOLD.jitterMs, 0);
  expect(received.jitterMs).toBeGreaterThanOrEqual(0);
  expect(received.jitterMs).toBeLessThan(200);
  expect(roundTripMs).toBeGreaterThan(0.9 * TOLD.roundTripMs);
  expect(roundTripMs).toBeLessThan(TOLD.roundTripMs + 500);
}

function expectClean({ lossPercent, mos }: StreamQuality): void {
  expect(lossPercent).toBeLessThan(1);
  expect(mos).toBeGreaterThan(LEAST_CLEAN_MOS);
  expect(mos).toBeLessThanOrEqual(4.5);
}

function expectLossy({ lossPercent, mos }: StreamQuality): void {
  expect(Math.abs(lossPercent - LOSS.percent)).toBeLessThan(LOSS_TOLERANCE);
  expect(mos).toBeGreaterThan(LOSSY_MOS.least);
  expect(mos).toBeLessThan(LOSSY_MOS.most);
}

/** Every leg, in the last event and in the statistics. */
async function expectEach(call: Call, check: (quality: Measured) => void): Promise<void> {
  for (const quality of await measured(call)) {
    expectPlausible(quality);
    check(quality);
  }
}

export function qualityCases({ test, shared }: Suite): void {
  test(
    'tells each 5 s and in its statistics how good a call without loss sounds',
    async () => {
      const call = await placeCall(shared().engine);
      await whileTalking([{ call, loses: undefined }], () =>
        expect
          .poll(
            () =>
              expectEach(call, ({ received, sent }) => {
                expectClean(received);
                expectClean(sent);
              }),
            PATIENCE,
          )
          .toBeUndefined(),
      );
    },
    LIMIT_MS,
  );

  test(
    'tells each 5 s and in its statistics what loss does to a call, on either way',
    async () => {
      const [said, heard] = [await placeCall(shared().engine), await placeCall(shared().engine)];
      const { every } = LOSS;
      const calls = [
        { call: said, loses: { of: 'said', every } },
        { call: heard, loses: { of: 'heard', every } },
      ] as const;
      await whileTalking(calls, () =>
        expect
          .poll(async () => {
            await expectEach(said, ({ received }) => {
              expectLossy(received);
            });
            await expectEach(heard, ({ received, sent }) => {
              expectClean(received);
              expectLossy(sent);
            });
          }, PATIENCE)
          .toBeUndefined(),
      );
    },
    LIMIT_MS,
  );
}

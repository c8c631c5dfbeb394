import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AUDIO, EVENT, EventScript, STEP } from '../../test/integration/demo/event-script.js';
import { ManualClock } from '../../test/support/manual-clock.js';
import { DigitCollector } from './digit-collector.js';
import { DtmfJudge } from './dtmf-judge.js';

const POUND = 11;

let clock: ManualClock;
let judge: DtmfJudge;
let collector: DigitCollector;
let pressed: number;
let inputs: { at: number; digits: string }[];

beforeEach(() => {
  clock = new ManualClock();
  pressed = 0;
  inputs = [];
  judge = new DtmfJudge({ eventPayloadType: EVENT, audioPayloadType: AUDIO, clockRate: 8000 });
  collector = new DigitCollector({
    judge,
    clock,
    pauseMs: 1500,
    onDigit: () => (pressed += 1),
    onComplete: (reports) => {
      inputs.push({
        at: clock.monotonic(),
        digits: reports.map(({ digit }) => digit).join(''),
      });
    },
  });
});

afterEach(() => {
  collector.close();
  expect(clock.pending).toBe(0);
});

/** Lets the script happen at its own times; it begins 1000 ms before its first packet's. */
function perform(script: EventScript): void {
  for (const { packet, at } of script.sent) {
    clock.advance(at - 1000 - clock.monotonic());
    collector.note(judge.packet(packet, clock.monotonic()));
  }
}

describe('an input', () => {
  it('is complete after a pause that begins with the last packet', () => {
    perform(new EventScript().audio(2).digit(1).audio(20).digit(2).audio(2));
    // The last end packet of the second digit: 35 periods in.
    const last = 35 * 20;
    clock.advance(1400);
    expect(inputs).toEqual([]);
    clock.advance(200);
    expect(inputs).toEqual([{ at: last + 1500, digits: '12' }]);
    expect(pressed).toBe(2);
  });

  it('is complete soon after #, with its repeated end packets', () => {
    perform(new EventScript().digit(3).pass(3).digit(POUND));
    clock.advance(250);
    expect(inputs.map(({ digits }) => digits)).toEqual(['3#']);
  });

  it('goes on when a key follows # at once', () => {
    perform(new EventScript().digit(POUND).pass(2).digit(4));
    clock.advance(1000);
    expect(inputs).toEqual([]);
    clock.advance(500);
    expect(inputs.map(({ digits }) => digits)).toEqual(['#4']);
  });

  it('is not cut by a key that is held longer than the pause', () => {
    perform(new EventScript().digit(5, 150));
    expect(inputs).toEqual([]);
    clock.advance(1500);
    expect(inputs.map(({ digits }) => digits)).toEqual(['5']);
  });

  it('is complete when the call ends, and there is none without keys', () => {
    collector.close();
    expect(inputs).toEqual([]);
    perform(new EventScript().audio(3).digit(6));
    collector.close();
    expect(inputs.map(({ digits }) => digits)).toEqual(['6']);
  });

  it('stays small when somebody floods the carrier with keys', () => {
    const script = new EventScript();
    for (let n = 0; n < 300; n += 1) {
      script.eventPacket({ event: n % 10, duration: STEP, end: true, marker: true }, n * 1000);
    }
    perform(script);
    expect(inputs.length).toBeGreaterThanOrEqual(4);
    expect(Math.max(...inputs.map(({ digits }) => digits.length))).toBeLessThanOrEqual(66);
    clock.advance(1500);
    expect(inputs.map(({ digits }) => digits.length).reduce((sum, n) => sum + n)).toBe(300);
  });
});

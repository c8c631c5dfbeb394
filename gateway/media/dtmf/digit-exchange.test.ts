import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.js';
import type { DigitReport, LegName } from '../media-engine.js';
import type { DigitEvent } from './digit-event.js';
import { DigitExchange } from './digit-exchange.js';

let clock: ManualClock;
let played: (DigitEvent & { to: LegName })[];
let reports: DigitReport[];
let takes: boolean;
let exchange: DigitExchange;

beforeEach(() => {
  clock = new ManualClock();
  played = [];
  reports = [];
  takes = true;
  exchange = new DigitExchange({
    clock,
    playerOf: (to) => ({
      play: (event) => {
        if (takes) played.push({ ...event, to });
        return takes;
      },
    }),
    onDigit: (report) => reports.push(report),
  });
});

function hear(digit: string, from: LegName = 'caller'): void {
  const id = exchange.nextId();
  const first = { id, digit, startedAt: clock.monotonic() };
  exchange.heard(from, { ...first, durationMs: 20, ended: false });
  exchange.heard(from, { ...first, durationMs: 40, ended: false });
  exchange.heard(from, { ...first, durationMs: 100, ended: true });
}

describe('digits between two legs', () => {
  it('go to the other leg as they are heard, and are reported when they end', () => {
    hear('5');
    expect(played.map(({ to, durationMs }) => [to, durationMs])).toEqual([
      ['callee', 20],
      ['callee', 40],
      ['callee', 100],
    ]);
    expect(reports).toEqual([{ from: 'caller', digit: '5', durationMs: 100, carried: true }]);
  });

  it('are reported as not carried when the leg does not take them', () => {
    takes = false;
    hear('5');
    expect(reports).toEqual([{ from: 'caller', digit: '5', durationMs: 100, carried: false }]);
    expect(exchange.send('callee', [{ digit: '6', durationMs: 100 }])).toEqual(['untaken']);
  });

  it('told in the signalling are played whole, in order, behind those heard', () => {
    hear('5');
    const digits = ['1', '1', 'd'].map((digit) => ({ digit, durationMs: 250 }));
    expect(exchange.send('callee', digits)).toEqual(['carried', 'carried', 'carried']);
    const sent = played.slice(3);
    expect(sent.map(({ digit, durationMs, ended }) => [digit, durationMs, ended])).toEqual([
      ['1', 250, true],
      ['1', 250, true],
      ['D', 250, true],
    ]);
    const ids = played.map(({ id }) => id);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
  });

  it('told both ways count once, whichever comes first', () => {
    hear('5');
    expect(exchange.send('callee', [{ digit: '5', durationMs: 100 }])).toEqual(['repeated']);
    expect(exchange.send('callee', [{ digit: '#', durationMs: 100 }])).toEqual(['carried']);
    hear('#');
    expect(reports.map(({ digit }) => digit)).toEqual(['5']);
    expect(played.filter(({ ended }) => ended).map(({ digit }) => digit)).toEqual(['5', '#']);
  });

  it('of the two legs are told apart', () => {
    hear('5', 'callee');
    expect(exchange.send('callee', [{ digit: '5', durationMs: 100 }])).toEqual(['carried']);
    expect(played.filter(({ ended }) => ended).map(({ to }) => to)).toEqual(['caller', 'callee']);
  });

  it('that are no digits are not taken', () => {
    expect(exchange.send('callee', [{ digit: 'X', durationMs: 100 }])).toEqual(['untaken']);
    expect(played).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.js';
import { silentLog } from '../kernel/log.js';
import { MemoryTrunkBoard } from './trunk-board.js';
import { TRUNK_DEFAULTS, type Trunk } from './trunk.js';
import { orderByWeight } from './weighted-order.js';

const trunk = (name: string, changes: Partial<Trunk> = {}): Trunk => ({
  ...TRUNK_DEFAULTS,
  ...{ name, host: `${name}.example` },
  ...changes,
});
const route = (name: string, spread?: string) => ({ trunk: name, number: '1', spread });

function board(trunks: readonly Trunk[]): { board: MemoryTrunkBoard; clock: ManualClock } {
  const clock = new ManualClock();
  return { board: new MemoryTrunkBoard(trunks, { clock, log: silentLog }), clock };
}

describe('limits of a trunk', () => {
  it('hand out channels and take each back once', () => {
    const { board: full } = board([trunk('a', { limits: { maxCalls: 2, callsPerSecond: 0 } })]);
    const first = full.take('a');
    const second = full.take('a');
    expect([typeof first, typeof second]).toEqual(['function', 'function']);
    expect(full.take('a')).toBe(
      'The trunk "a" carries 2 calls, as many as it may (limits.maxCalls 2).',
    );
    if (typeof first === 'function') {
      first();
      first();
    }
    expect(full.list()[0]?.calls).toBe(1);
    expect(typeof full.take('a')).toBe('function');
    expect(typeof full.take('a')).toBe('string');
  });

  it('let so many calls start within a second', () => {
    const limits = { maxCalls: 0, callsPerSecond: 2 };
    const { board: fast, clock } = board([trunk('a', { limits })]);
    expect([1, 2, 3].map(() => typeof fast.take('a'))).toEqual(['function', 'function', 'string']);
    clock.advance(500);
    expect([1, 2].map(() => typeof fast.take('a'))).toEqual(['function', 'string']);
    clock.advance(60_000);
    expect([1, 2, 3].map(() => typeof fast.take('a'))).toEqual(['function', 'function', 'string']);
  });
});

describe('the order of routes', () => {
  it('leaves resting trunks for last, until their rest is over', () => {
    const { board: resting, clock } = board([trunk('a'), trunk('b')]);
    const names = (): string[] =>
      resting.order([route('a'), route('b')]).map(({ trunk: name }) => name);
    resting.rest('a', 30, 'why');
    expect(names()).toEqual(['b', 'a']);
    expect(resting.list()[0]?.sentence).toBe('why');
    resting.rest('b', 30, 'why');
    expect(names()).toEqual(['a', 'b']);
    clock.advance(30_000);
    expect(resting.list()[0]?.sentence).toBeUndefined();
    // A carrier cannot send itself away for ever.
    resting.rest('a', 4_000_000, 'why');
    clock.advance(600_000);
    expect(names()).toEqual(['a', 'b']);
  });

  it('follows the weights within a group, and nothing else', () => {
    const weights: Record<string, number> = { a: 3, b: 1 };
    const routes = [route('x'), route('a', 'g'), route('b', 'g'), route('y')];
    const first = { a: 0, b: 0 };
    for (let draw = 0; draw < 400; draw++) {
      const names = orderByWeight(
        routes,
        ({ trunk: name }) => weights[name] ?? 1,
        () => (draw + 0.5) / 400,
      );
      expect([names[0]?.trunk, names[3]?.trunk, names.length]).toEqual(['x', 'y', 4]);
      first[names[1]?.trunk === 'a' ? 'a' : 'b'] += 1;
    }
    expect(first).toEqual({ a: 300, b: 100 });
  });
});

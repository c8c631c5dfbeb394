import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../test/support/sip/seeded-random.js';
import { ReplayWindow } from './packet-index.js';

const WINDOW = 256;

describe('the replay window', () => {
  it('takes the last 256 indexes, each once', () => {
    const window = new ReplayWindow();
    for (let index = 0; index < 1000; index += 2) window.add(index);
    for (let index = 0; index < 1002; index += 1)
      expect([index, window.isNew(index)]).toEqual([
        index,
        (index > 998 - WINDOW && index % 2 === 1) || index > 998,
      ]);
  });

  it('goes on to the last number of 48 bits', () => {
    const window = new ReplayWindow();
    const last = 2 ** 48 - 1;
    for (const index of [71, last]) {
      expect(window.isNew(index)).toBe(true);
      window.add(index);
      expect(window.isNew(index)).toBe(false);
    }
    expect([71, last - WINDOW, last - 1].map((index) => window.isNew(index))).toEqual([
      ...[false, false, true],
    ]);
  });

  it.each([1, 2, 3, 4])('remembers what a list of all would (seed %i)', (seed) => {
    const random = new SeededRandom(seed);
    const window = new ReplayWindow();
    const seen = new Set<number>();
    // Beyond 32 bits, as after 65,536 rollovers.
    let highest = 2 ** 32 - 5000;
    window.add(highest);
    seen.add(highest);
    for (let count = 0; count < 20_000; count += 1) {
      const step = random.below(100) === 0 ? random.below(2000) : random.below(4);
      const index = random.below(2) === 0 ? highest + step : highest - random.below(300);
      const isNew = index > highest - WINDOW && !seen.has(index);
      expect(window.isNew(index)).toBe(isNew);
      if (!isNew) continue;
      window.add(index);
      seen.add(index);
      highest = Math.max(highest, index);
    }
  });
});

import { expect, it } from 'vitest';
import { ReplayWindow } from './replay-window.js';

it('takes each record of the last 64 once, in any order', () => {
  const window = new ReplayWindow();
  for (const sequence of [0, 2, 1, 70, 64]) {
    expect(window.isNew(sequence)).toBe(true);
    window.add(sequence);
    expect(window.isNew(sequence)).toBe(false);
  }
  expect(window.isNew(2)).toBe(false);
  expect(window.isNew(6)).toBe(false);
  expect(window.isNew(7)).toBe(true);
  expect(window.isNew(2 ** 48 - 1)).toBe(true);
  window.add(2 ** 48 - 1);
  expect(window.isNew(71)).toBe(false);
});

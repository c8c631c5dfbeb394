import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { loadRecents, saveRecents, withRecent, type RecentCall } from './recents.js';

let stored: string | null = null;

beforeEach(() => {
  stored = null;
  vi.stubGlobal('localStorage', {
    getItem: () => stored,
    setItem: (_key: string, value: string) => (stored = value),
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const call = (number: string, at = 1): RecentCall => ({ number, how: 'outgoing', at });

it('keeps the newest twenty, each number once', () => {
  let list: RecentCall[] = [];
  for (let index = 0; index < 25; index++) list = withRecent(list, call(String(index), index));
  list = withRecent(list, call('20', 99));
  expect(list).toHaveLength(20);
  expect(list[0]).toEqual(call('20', 99));
  saveRecents(list);
  expect(loadRecents()).toEqual(list);
});

it.each(['{', '{}', '[1, null, {"number":"1"}, {"number":"","how":"missed","at":1}]'])(
  'leaves out what it cannot read: %s',
  (text) => {
    stored = text;
    expect(loadRecents()).toEqual([]);
  },
);

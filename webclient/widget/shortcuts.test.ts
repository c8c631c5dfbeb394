import { describe, expect, it } from 'vitest';
import { describeShortcut, Shortcuts } from './shortcuts.js';

function memory(stored: Record<string, string> = {}): {
  stored: Record<string, string>;
  get(key: string): string | null;
  set(key: string, value: string): void;
} {
  return {
    stored,
    get: (key) => stored[key] ?? null,
    set: (key, value) => {
      stored[key] = value;
    },
  };
}

const WHERE = { site: 'shop', destination: 'sales' };

describe('shortcuts', () => {
  it('are kept per destination, the newest first, each once', () => {
    const store = memory();
    const shortcuts = new Shortcuts(WHERE, store);
    for (const keys of ['13', '2', '13', '4#']) shortcuts.add(keys);
    expect(new Shortcuts(WHERE, store).list()).toEqual(['4#', '2', '13']);
    expect(new Shortcuts({ ...WHERE, destination: 'other' }, store).list()).toEqual([]);
  });

  it('are no PINs: what is long is not kept', () => {
    const store = memory();
    const shortcuts = new Shortcuts(WHERE, store);
    for (const keys of ['1234567', '', 'A', '1,2']) {
      expect(shortcuts.canAdd(keys)).toBe(false);
      shortcuts.add(keys);
    }
    expect(store.stored).toEqual({});
  });

  it.each(['{', '7', '["<b>", 1, "12"]', 'null'])('survive a store with %s', (text) => {
    const store = memory({ 'copperline.shortcuts.shop.sales': text });
    const kept = new Shortcuts(WHERE, store).list();
    expect(kept).toEqual(text.includes('12') ? ['12'] : []);
  });

  it('are said in words', () => {
    expect(describeShortcut('13', 'then')).toBe('1 then 3');
  });
});

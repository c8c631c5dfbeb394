import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keepCalls, keptCallOf, takeKeptCalls, type KeptCall } from './kept-calls.js';

let stored: string | null = null;

beforeEach(() => {
  stored = null;
  vi.stubGlobal('sessionStorage', {
    getItem: () => stored,
    setItem: (_key: string, value: string) => (stored = value),
    removeItem: () => (stored = null),
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const call: KeptCall = {
  ...{ number: '+49301234567', direction: 'outgoing', answeredAt: 1000 },
  ...{ muted: true, held: false },
};

describe('calls that are kept over a reload', () => {
  it('are taken once, within a minute', () => {
    keepCalls([call], 5000);
    expect(takeKeptCalls(6000)).toEqual([call]);
    expect(takeKeptCalls(6000)).toEqual([]);
    keepCalls([call], 5000);
    expect(takeKeptCalls(65_000)).toEqual([]);
    // A clock that was set back.
    keepCalls([call], 5000);
    expect(takeKeptCalls(4000)).toEqual([]);
  });

  it.each([
    '{',
    'null',
    '{"at":5000}',
    '{"at":"now","calls":[]}',
    '{"at":5000,"calls":[null,1,{"number":"1"},{"number":"1","direction":"up","answeredAt":1,"muted":true,"held":false}]}',
  ])('leave out what cannot be read: %s', (text) => {
    stored = text;
    expect(takeKeptCalls(6000)).toEqual([]);
  });

  it('are recognised by their number, however it is written; a single one by being the only one', () => {
    const other = { ...call, number: '600' };
    expect(keptCallOf('0301234567', [other, call])).toBe(call);
    expect(keptCallOf('700', [other, call])).toBeUndefined();
    expect(keptCallOf('700', [other])).toBe(other);
    expect(keptCallOf('700', [])).toBeUndefined();
  });

  it('cost only comfort where storage is forbidden', () => {
    vi.stubGlobal('sessionStorage', undefined);
    expect(() => {
      keepCalls([call], 5000);
    }).not.toThrow();
    expect(takeKeptCalls(6000)).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { CallState } from '../phone/call-state.js';
import type { Call, CallEvents } from '../phone/phone-types.js';
import { TypedEvents } from '../phone/typed-events.js';
import { CallLine, confirmDigits, type ShownDigit } from './call-line.js';
import type { KeptCall } from './kept-calls.js';

const shown = (states: [string, ShownDigit['state']][]): ShownDigit[] =>
  states.map(([digit, state], index) => ({ id: index + 1, digit, state }));
const states = (digits: ShownDigit[]): string[] => digits.map(({ state }) => state);

it('confirms the digits that were heard, in their order', () => {
  const digits = shown([
    ['1', 'confirmed'],
    ['1', 'sent'],
    ['2', 'sent'],
    ['3', 'sending'],
  ]);
  expect(states(confirmDigits(digits, '12'))).toEqual([
    ...['confirmed', 'confirmed', 'confirmed', 'sending'],
  ]);
});

it('leaves a digit that got lost on the way unconfirmed', () => {
  const digits = shown([
    ['1', 'sent'],
    ['2', 'sent'],
    ['3', 'sent'],
  ]);
  expect(states(confirmDigits(digits, '13'))).toEqual(['confirmed', 'sent', 'confirmed']);
});

/** A call as far as a line looks at it. */
class FakeCall extends TypedEvents<CallEvents> {
  readonly direction = 'incoming';
  state: CallState = { name: 'incoming' };
  muted = false;

  setMuted(muted: boolean): void {
    this.muted = muted;
  }

  become(state: CallState): void {
    this.state = state;
    this.emit('state', state);
  }
}

describe('a line of a call that goes on after a reload', () => {
  const kept = { number: '600', direction: 'outgoing', answeredAt: 1000, held: true } as const;

  function lineOf(before?: KeptCall): { call: FakeCall; line: CallLine } {
    const call = new FakeCall();
    return { call, line: new CallLine(call as unknown as Call, () => undefined, before) };
  }

  it('counts from the first answer, knows who called, and mutes before anything is sent', () => {
    const { call, line } = lineOf({ ...kept, muted: true });
    expect(call.muted).toBe(true);
    expect(line.direction).toBe('outgoing');
    expect(line.wasHeld).toBe(true);
    call.become({ name: 'in-call', answeredAt: 61_000 });
    expect(line.state).toEqual({ name: 'in-call', answeredAt: 1000 });
    call.become({ name: 'ended', end: { how: 'hung-up' }, talkedMs: 5000 });
    expect(line.state).toMatchObject({ name: 'ended', talkedMs: 65_000 });
  });

  it('is a call like any other without a past', () => {
    const { call, line } = lineOf();
    expect(call.muted).toBe(false);
    expect(line.direction).toBe('incoming');
    call.become({ name: 'in-call', answeredAt: 61_000 });
    expect(line.state).toEqual({ name: 'in-call', answeredAt: 61_000 });
    call.become({ name: 'ended', end: { how: 'hung-up' }, talkedMs: 0 });
    expect(line.state).toMatchObject({ talkedMs: 0 });
  });
});

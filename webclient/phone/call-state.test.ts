import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isActive, reduceCall, type CallInput, type CallState } from './call-state.js';

const inputs: readonly CallInput[] = [
  { type: 'dialled' },
  { type: 'trying' },
  { type: 'ringing' },
  { type: 'early-media' },
  { type: 'answered', at: 1000 },
  { type: 'ended', end: { how: 'hung-up' }, at: 5000 },
];
const run = (...steps: CallInput[]): CallState =>
  steps.reduce<CallState>(reduceCall, { name: 'idle' });
const [dialled, trying, ringing, early, answered, ended] = inputs as [
  CallInput,
  CallInput,
  CallInput,
  CallInput,
  CallInput,
  CallInput,
];

describe('reduceCall', () => {
  it('walks through a whole call and counts the time talked', () => {
    expect(run(dialled, trying, ringing, answered)).toEqual({ name: 'in-call', answeredAt: 1000 });
    expect(run(dialled, trying, ringing, answered, ended)).toEqual({
      name: 'ended',
      end: { how: 'hung-up' },
      talkedMs: 4000,
    });
  });

  it('counts nothing when it was never answered', () => {
    expect(run(dialled, early, ended)).toMatchObject({ name: 'ended', talkedMs: 0 });
  });

  it('keeps early media when a 180 follows the 183', () => {
    expect(run(dialled, early, ringing).name).toBe('early-media');
  });

  it('takes an answer without any provisional response', () => {
    expect(run(dialled, answered).name).toBe('in-call');
  });

  it('returns the same object when nothing changes', () => {
    const state = run(dialled, answered);
    expect(reduceCall(state, ringing)).toBe(state);
    const over = run(dialled, ended);
    for (const input of inputs) expect(reduceCall(over, input)).toBe(over);
  });

  it('never goes back, whatever arrives in whatever order', () => {
    const order = ['idle', 'calling', 'trying', 'ringing', 'early-media', 'in-call', 'ended'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...inputs)), (steps) => {
        let state: CallState = { name: 'idle' };
        for (const step of steps) {
          const next = reduceCall(state, step);
          expect(order.indexOf(next.name)).toBeGreaterThanOrEqual(order.indexOf(state.name));
          state = next;
        }
        expect(isActive(state)).toBe(!['idle', 'ended'].includes(state.name));
      }),
    );
  });
});

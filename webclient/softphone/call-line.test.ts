import { expect, it } from 'vitest';
import { confirmDigits, type ShownDigit } from './call-line.js';

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

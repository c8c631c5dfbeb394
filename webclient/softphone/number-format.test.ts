import { expect, it } from 'vitest';
import { formatNumber } from './number-format.js';

it.each([
  ['+4930123456', 'en', '+49 30 123456 · Germany'],
  ['+4930123456', 'de', '+49 30 123456 · Deutschland'],
  ['+12025550143', 'en', '+1 202 555 0143 · United States'],
  ['+999123', 'en', '+999123'],
])('writes %s as people do (%s)', (number, language, text) => {
  expect(formatNumber(number, language)).toBe(text);
});

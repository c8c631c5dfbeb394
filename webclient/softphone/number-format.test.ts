import { expect, it } from 'vitest';
import { countryOf, formatNumber } from './number-format.js';

it.each([
  ['+4930123456', '+49 30 123456'],
  ['+12025550143', '+1 202 555 0143'],
  ['+1202', '+1 202'],
  ['+', '+'],
  ['+999123', '+999123'],
])('writes %s as people do', (number, text) => {
  expect(formatNumber(number)).toBe(text);
});

it.each([
  ['+4930123456', 'en', 'Germany'],
  ['+4930123456', 'de', 'Deutschland'],
  ['+12025550143', 'en', 'United States'],
  ['+999123', 'en', ''],
])('knows where %s is (%s)', (number, language, country) => {
  expect(countryOf(number, language)).toBe(country);
});

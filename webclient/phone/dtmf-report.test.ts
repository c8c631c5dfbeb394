import { expect, it } from 'vitest';
import { digitsInReport } from './dtmf-report.js';

it.each([
  ['{"digits":[{"digit":"1"},{"digit":"#"}]}', '1#'],
  ['{"digits":[{"digit":"event-16"},null,{"digit":5},{"digit":"A"}]}', 'A'],
  ['{"digits":"12"}', ''],
  ['null', ''],
  ['{', ''],
])('reads the digits that the far end heard from %s', (body, digits) => {
  expect(digitsInReport(body)).toBe(digits);
});

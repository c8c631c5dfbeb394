import { expect, it } from 'vitest';
import { describeHours } from './opening-hours.js';

const window = { from: '09:00', to: '17:30', timezone: 'Europe/Berlin' };

it.each([
  [['mon', 'tue', 'wed', 'thu', 'fri'], 'en', 'Mon–Fri 09:00–17:30 (Europe/Berlin)'],
  [['mon', 'wed', 'thu'], 'de', 'Mo, Mi–Do 09:00–17:30 (Europe/Berlin)'],
  [undefined, 'en', 'Every day 09:00–17:30 (Europe/Berlin)'],
])('says %j in %s', (days, language, line) => {
  const hours = [days === undefined ? window : { ...window, days }];
  expect(describeHours(hours, { language, daily: 'Every day' })).toEqual([line]);
});

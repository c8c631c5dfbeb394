import { z } from 'zod';
import { timeOfDay, timezone } from './dialplan-fields.js';
import { listOf, oneOf } from './fields.js';

/** A window of local time, in rules of the dialplan and for sites. */
const hours = z.strictObject({
  days: listOf(oneOf(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']), {
    min: 1,
    of: 'days (mon to sun)',
  }).exactOptional(),
  from: timeOfDay(),
  to: timeOfDay(),
  timezone: timezone().exactOptional(),
});

export function hoursList(): z.ZodArray<typeof hours> {
  return listOf(hours, { min: 1, of: 'windows of time, each with from and to' });
}

import type { SiteHours } from './site-info.js';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
/** A Monday. */
const MONDAY = Date.UTC(2024, 0, 1, 12);

/** One line per window, in the visitor's language: `Mon–Fri 09:00–17:30 (Europe/Berlin)`. */
export function describeHours(
  hours: readonly SiteHours[],
  { language, daily }: { language: string; daily: string },
): string[] {
  const day = new Intl.DateTimeFormat(language, { weekday: 'short', timeZone: 'UTC' });
  const nameOf = (index: number): string => day.format(MONDAY + index * 86_400_000);
  return hours.map(({ days, from, to, timezone }) => {
    const when = days === undefined || days.length === 7 ? daily : ranges(days, nameOf);
    return `${when} ${from}–${to} (${timezone.replaceAll('_', ' ')})`;
  });
}

/** Neighbours are joined: `Mon–Fri, Sun`. */
function ranges(days: readonly string[], nameOf: (index: number) => string): string {
  const runs: { first: number; last: number }[] = [];
  DAYS.forEach((day, index) => {
    if (!days.includes(day)) return;
    const run = runs.at(-1);
    if (run?.last === index - 1) run.last = index;
    else runs.push({ first: index, last: index });
  });
  return runs
    .map(({ first, last }) => (first === last ? nameOf(first) : `${nameOf(first)}–${nameOf(last)}`))
    .join(', ');
}

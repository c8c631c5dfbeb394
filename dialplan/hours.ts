import { WEEKDAYS, type Hours, type Weekday } from './dialplan-config.js';

/** A moment on the wall clock of a time zone. */
export interface LocalTime {
  /** 0 is Monday. */
  weekday: number;
  /** Since midnight. */
  minute: number;
}

const MINUTES_PER_DAY = 1_440;

/** Formatters are dear to make and the same for each call. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/**
 * The wall clock of a time zone, daylight saving included.
 * @throws RangeError for a time zone that does not exist
 */
export function localTime(at: number, timezone: string): LocalTime {
  let formatter = formatters.get(timezone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-GB', {
      ...{ timeZone: timezone, weekday: 'short', hour: '2-digit', minute: '2-digit' },
      hourCycle: 'h23',
    });
    formatters.set(timezone, formatter);
  }
  const parts = new Map(formatter.formatToParts(at).map(({ type, value }) => [type, value]));
  const weekday = WEEKDAYS.indexOf((parts.get('weekday') ?? '').toLowerCase() as Weekday);
  return { weekday, minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) };
}

/** Whether the window is open; one that goes over midnight belongs to the day on which it begins. */
export function isOpen(hours: Hours, { weekday, minute }: LocalTime): boolean {
  const from = minutes(hours.from);
  const to = minutes(hours.to);
  const begins = (day: number): boolean =>
    hours.days?.includes(WEEKDAYS[(day + 7) % 7] ?? 'mon') ?? true;
  if (to > from) return begins(weekday) && minute >= from && minute < to;
  return (begins(weekday) && minute >= from) || (begins(weekday - 1) && minute < to);
}

/** `HH:MM` as minutes since midnight. */
function minutes(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return Math.min(hour * 60 + minute, MINUTES_PER_DAY);
}

/** For sentences: `mon 08:05 Europe/Berlin`. */
export function describeTime({ weekday, minute }: LocalTime, timezone: string): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
  return `${WEEKDAYS[weekday] ?? ''} ${clock} ${timezone}`;
}

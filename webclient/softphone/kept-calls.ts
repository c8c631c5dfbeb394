import { isSameNumber } from './people.js';
import { session } from './tab-storage.js';

const KEY = 'copperline.calls';
/** A gateway waits less long for a page to come back; what is older belongs to something else. */
const STALE_MS = 60_000;

/** What a page must still know of a call that is up when it comes back: the server cannot tell it. */
export interface KeptCall {
  number: string;
  direction: 'outgoing' | 'incoming';
  /** ms since the Unix epoch. */
  answeredAt: number;
  muted: boolean;
  held: boolean;
}

/** Keeps them for this tab, across a reload. */
export function keepCalls(calls: readonly KeptCall[], now: number): void {
  session.set(KEY, JSON.stringify({ at: now, calls }));
}

/** Takes what was kept a moment ago; a second look finds nothing. */
export function takeKeptCalls(now: number): KeptCall[] {
  const text = session.take(KEY);
  try {
    const stored = JSON.parse(text ?? 'null') as { at?: unknown; calls?: unknown } | null;
    const { at, calls } = stored ?? {};
    const fresh = typeof at === 'number' && now - at >= 0 && now - at < STALE_MS;
    return fresh && Array.isArray(calls) ? calls.filter(isKeptCall) : [];
  } catch {
    return [];
  }
}

/** The one that goes on with that number; where there is only one, it is that one however its number is written now. */
export function keptCallOf(number: string, calls: readonly KeptCall[]): KeptCall | undefined {
  const same = calls.find((call) => isSameNumber(call.number, number));
  return same ?? (calls.length === 1 ? calls[0] : undefined);
}

function isKeptCall(value: unknown): value is KeptCall {
  if (typeof value !== 'object' || value === null) return false;
  const { number, direction, answeredAt, muted, held } = value as Record<string, unknown>;
  return (
    typeof number === 'string' &&
    (direction === 'outgoing' || direction === 'incoming') &&
    typeof answeredAt === 'number' &&
    typeof muted === 'boolean' &&
    typeof held === 'boolean'
  );
}

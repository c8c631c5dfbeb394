const KEY = 'copperline.recents';
const MOST = 20;

export interface RecentCall {
  number: string;
  name?: string;
  how: 'outgoing' | 'incoming' | 'missed';
  /** ms since the Unix epoch. */
  at: number;
}

/** The last calls of this browser, the newest first; they stay on this machine. What cannot be read is left out. */
export function loadRecents(): RecentCall[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(list) ? list.filter(isRecent).slice(0, MOST) : [];
  } catch {
    return [];
  }
}

/** Adds one on top; a number is listed once. */
export function withRecent(list: readonly RecentCall[], call: RecentCall): RecentCall[] {
  return [call, ...list.filter(({ number }) => number !== call.number)].slice(0, MOST);
}

export function saveRecents(list: readonly RecentCall[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(list));
  } catch {
    // Private windows may forbid it.
  }
}

function isRecent(value: unknown): value is RecentCall {
  if (typeof value !== 'object' || value === null) return false;
  const { number, name, how, at } = value as Record<string, unknown>;
  return (
    typeof number === 'string' &&
    number !== '' &&
    (name === undefined || typeof name === 'string') &&
    (how === 'outgoing' || how === 'incoming' || how === 'missed') &&
    typeof at === 'number'
  );
}

import { cleanEntry, isNumber } from './number-entry.js';

/** What the browser made of one key, one paste or one cut in the number field. */
export interface FieldChange {
  /** The entry before: unformatted. */
  before: string;
  /** What stands in the field now. */
  text: string;
  /** Where the caret is now: UTF-16 units from the start. */
  caret: number;
  /** InputEvent.inputType; empty where the browser tells none. */
  kind: string;
}

export interface FieldEntry {
  /** Unformatted. */
  entry: string;
  /** As it is shown. */
  shown: string;
  caret: number;
}

/** How a number is shown while it is typed. Only international numbers tell how they are grouped. */
export function showEntry(entry: string, format: ((number: string) => string) | undefined): string {
  return format !== undefined && /^\+\d+$/.test(entry) ? format(entry) : entry;
}

/**
 * The entry after a change, formatted again, with the caret behind the same digit as before. Deleting a separator alone would bring it
 * back at once, so the digit next to it is deleted.
 */
export function editEntry(
  change: FieldChange,
  format: ((number: string) => string) | undefined,
): FieldEntry {
  const entry = cleanEntry(change.text);
  if (!isNumber(entry)) return { entry, shown: entry, caret: Math.min(change.caret, entry.length) };
  const kept = cleanEntry(change.text.slice(0, change.caret)).length;
  const digits = Math.min(kept, entry.length);
  const deleted = entry === change.before ? besideSeparator(entry, digits, change.kind) : undefined;
  const edited = deleted ?? { entry, digits };
  const shown = showEntry(edited.entry, format);
  return { entry: edited.entry, shown, caret: caretBehind(shown, edited.digits) };
}

function besideSeparator(
  entry: string,
  digits: number,
  kind: string,
): { entry: string; digits: number } | undefined {
  const from = kind === 'deleteContentBackward' ? digits - 1 : digits;
  if (!/^deleteContent(?:Back|For)ward$/.test(kind) || from < 0) return undefined;
  return { entry: entry.slice(0, from) + entry.slice(from + 1), digits: from };
}

/** Behind the given count of characters that are no separators. */
function caretBehind(shown: string, count: number): number {
  let seen = 0;
  for (let at = 0; at < shown.length; at++) {
    if (seen === count) return at;
    if (!/[\s()./-]/.test(shown.charAt(at))) seen += 1;
  }
  return shown.length;
}

import type { Contact } from './contacts.js';
import { isNumber } from './number-entry.js';
import type { RecentCall } from './recents.js';

/** Somebody whom the field finds. */
export interface Person {
  name: string;
  number: string;
  from: 'contact' | 'recent';
}

/** Fewer digits match half of all numbers. */
const FEWEST_DIGITS = 2;
/** Of a subscriber number: enough that two people hardly share it. */
const TELLING_DIGITS = 7;

/**
 * The people that an entry may mean, the best first: contacts before recent calls, names that begin with it before names with a word
 * that does, before names that contain it. A number finds who has these digits in theirs. Accents and case do not count.
 */
export function findPeople(
  entry: string,
  { contacts, recents }: { contacts: readonly Contact[]; recents: readonly RecentCall[] },
  most = 5,
): Person[] {
  const all: Person[] = [
    ...[...contacts].sort(byName).map((contact) => person(contact, 'contact')),
    ...recents.map((recent) => person(recent, 'recent')),
  ];
  const rank = isNumber(entry) ? rankByDigits(entry) : rankByName(entry);
  const found = all
    .map((one) => ({ one, rank: rank(one) }))
    .filter((match) => match.rank > 0)
    .sort((a, b) => b.rank - a.rank);
  const seen: string[] = [];
  return found
    .map(({ one }) => one)
    .filter(({ number }) => {
      if (seen.some((other) => isSameNumber(other, number))) return false;
      seen.push(number);
      return true;
    })
    .slice(0, most);
}

/** The name that this browser has for a number. */
export function nameOfNumber(number: string, contacts: readonly Contact[]): string | undefined {
  if (number === '') return undefined;
  const exact = contacts.find((contact) => contact.number === number);
  return (exact ?? contacts.find((contact) => isSameNumber(contact.number, number)))?.name;
}

/** One number in two forms: `+49 30 1234567`, `0049301234567`, `0301234567`. Short numbers must be the same. */
export function isSameNumber(one: string, other: string): boolean {
  const [a, b] = [international(one), international(other)];
  if (a === b) return true;
  return endsAs(a, b) || endsAs(b, a);
}

export function byName(one: Contact, other: Contact): number {
  return one.name.localeCompare(other.name, undefined, { sensitivity: 'base', numeric: true });
}

function person({ name, number }: Contact | RecentCall, from: Person['from']): Person {
  return { name: name ?? '', number, from };
}

function international(number: string): string {
  return number.startsWith('00') ? `+${number.slice(2)}` : number;
}

/** A national number, written with its 0, is the end of an international one behind a country code of one to three digits. */
function endsAs(full: string, national: string): boolean {
  const [, digits] = /^0([1-9]\d*)$/.exec(national) ?? [];
  if (digits === undefined || digits.length < TELLING_DIGITS || !full.startsWith('+')) return false;
  const code = full.length - 1 - digits.length;
  return full.endsWith(digits) && code >= 1 && code <= 3;
}

function rankByDigits(entry: string): (person: Person) => number {
  const digits = entry.replace(/[,pw].*$/i, '').replace(/^(?:\+|00)/, '');
  return ({ number, name }) => {
    if (digits.length < FEWEST_DIGITS || (name === '' && number === entry)) return 0;
    const at = number.replace(/^(?:\+|00)/, '').indexOf(digits);
    return at === 0 ? 2 : at > 0 ? 1 : 0;
  };
}

function rankByName(entry: string): (person: Person) => number {
  const wanted = fold(entry).trim();
  return ({ name, number }) => {
    const folded = fold(name);
    if (folded.startsWith(wanted)) return 4;
    if (folded.split(/[\s,.'-]+/).some((word) => word.startsWith(wanted))) return 3;
    if (folded.includes(wanted)) return 2;
    return fold(number).startsWith(wanted) ? 1 : 0;
  };
}

/** Without case and accents: `Müller` is found by `muller`. */
function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').replaceAll('ß', 'ss').toLowerCase();
}

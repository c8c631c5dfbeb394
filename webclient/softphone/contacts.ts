const KEY = 'copperline.contacts';
/** Of what is stored. A page that is older than what it finds shows nothing and writes nothing. */
const VERSION = 1;
export const MOST_CONTACTS = 1000;
const LONGEST_NAME = 80;
const LONGEST_NUMBER = 64;

export interface Contact {
  id: string;
  name: string;
  /** As cleanEntry() leaves it. */
  number: string;
}

/** Why a contact could not be kept. */
export type ContactProblem = 'name' | 'number' | 'full' | 'storage';

/** The people of this browser; they stay on this machine. What cannot be read is left out. */
export function loadContacts(): Contact[] {
  try {
    return parseContacts(localStorage.getItem(KEY));
  } catch {
    return [];
  }
}

/** False when the browser has no room, forbids it, or a newer page has stored something that this one cannot read. */
export function saveContacts(contacts: readonly Contact[]): boolean {
  try {
    if (versionOf(localStorage.getItem(KEY)) > VERSION) return false;
    localStorage.setItem(KEY, JSON.stringify({ version: VERSION, contacts }));
    return true;
  } catch {
    return false;
  }
}

/** Adds it, or puts it in the place of the one with its id; or says why not. */
export function withContact(
  list: readonly Contact[],
  contact: Contact,
): { contacts: Contact[] } | { problem: ContactProblem } {
  const name = contact.name.trim().replace(/\s+/g, ' ');
  if (name === '' || name.length > LONGEST_NAME) return { problem: 'name' };
  if (contact.number === '' || contact.number.length > LONGEST_NUMBER) return { problem: 'number' };
  const others = list.filter(({ id }) => id !== contact.id);
  if (others.length >= MOST_CONTACTS) return { problem: 'full' };
  return { contacts: [...others, { ...contact, name }] };
}

/** Unique in this browser. */
export function newContactId(): string {
  const random = crypto.getRandomValues(new Uint32Array(2));
  return Array.from(random, (part) => part.toString(36)).join('');
}

function parseContacts(text: string | null): Contact[] {
  if (text === null || versionOf(text) !== VERSION) return [];
  const { contacts } = JSON.parse(text) as { contacts?: unknown };
  if (!Array.isArray(contacts)) return [];
  const seen = new Set<string>();
  return contacts
    .filter(isContact)
    .filter(({ id }) => !seen.has(id) && seen.add(id).size > 0)
    .slice(0, MOST_CONTACTS)
    .map(({ id, name, number }) => ({ id, name, number }));
}

/** 0 when nothing, or nothing that can be read, is stored. */
function versionOf(text: string | null): number {
  try {
    const stored = JSON.parse(text ?? 'null') as { version?: unknown } | null;
    return typeof stored?.version === 'number' ? stored.version : 0;
  } catch {
    return 0;
  }
}

function isContact(value: unknown): value is Contact {
  if (typeof value !== 'object' || value === null) return false;
  const { id, name, number } = value as Record<string, unknown>;
  const isText = (text: unknown, longest: number): boolean =>
    typeof text === 'string' && text.trim() !== '' && text.length <= longest;
  return isText(id, 40) && isText(name, LONGEST_NAME) && isText(number, LONGEST_NUMBER);
}

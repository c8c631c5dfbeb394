import type { Contact } from './contacts.js';
import { cleanEntry } from './number-entry.js';

/** Contacts as a vCard 4.0 file (RFC 6350), which every address book reads. */
export function toVcards(contacts: readonly Contact[]): string {
  return contacts
    .map(({ name, number }) =>
      ['BEGIN:VCARD', 'VERSION:4.0', `FN:${escape(name)}`, `TEL:${escape(number)}`, 'END:VCARD', '']
        .map(fold)
        .join('\r\n'),
    )
    .join('');
}

/**
 * Names and numbers of a vCard file of version 2.1, 3.0 or 4.0; one entry for each number. Cards without a name or a number are left
 * out, and so is all that is no vCard.
 */
export function fromVcards(text: string): Omit<Contact, 'id'>[] {
  // RFC 6350 section 3.2: a line that begins with white space goes on the line before.
  const lines = text.replace(/\r?\n[ \t]/g, '').split(/\r?\n/);
  const found: Omit<Contact, 'id'>[] = [];
  let name = '';
  let numbers: string[] = [];
  for (const line of lines) {
    const { property, value } = parseLine(line);
    if (property === 'BEGIN') [name, numbers] = ['', []];
    else if (property === 'FN') name = unescape(value).trim();
    else if (property === 'TEL') numbers.push(cleanEntry(unescape(value)));
    else if (property === 'END' && name !== '')
      found.push(...numbers.filter((number) => number !== '').map((number) => ({ name, number })));
  }
  return found;
}

/** `item1.TEL;TYPE=cell:+49 30` is the property TEL; its parameters do not matter here. */
function parseLine(line: string): { property: string; value: string } {
  const [, property = '', value = ''] =
    /^(?:[\w-]+\.)?([\w-]+)(?:;(?:"[^"]*"|[^":])*)?:(.*)$/.exec(line) ?? [];
  return { property: property.toUpperCase(), value };
}

function escape(text: string): string {
  return text.replace(/[\\,;]/g, '\\$&').replace(/\r?\n/g, '\\n');
}

function unescape(text: string): string {
  return text.replace(/\\(.)/g, (_all, what: string) => (/n/i.test(what) ? ' ' : what));
}

/** Lines of at most 75 octets (RFC 6350 section 3.2), never cut inside a character. */
function fold(line: string): string {
  const parts: string[] = [];
  let part = '';
  for (const character of line) {
    if (new TextEncoder().encode(part + character).length > 74) {
      parts.push(part);
      part = '';
    }
    part += character;
  }
  return [...parts, part].join('\r\n ');
}

import {
  loadContacts,
  newContactId,
  saveContacts,
  withContact,
  type Contact,
  type ContactProblem,
} from './contacts.js';
import { byName, findPeople, nameOfNumber, type Person } from './people.js';
import { loadRecents, saveRecents, withRecent, type RecentCall } from './recents.js';
import { fromVcards } from './vcard.js';

/** The people of this browser: contacts and recent calls. Other tabs of the page see a change at once. */
export class AddressBook {
  /** By name. */
  contacts: readonly Contact[] = loadContacts().sort(byName);
  recents: readonly RecentCall[] = loadRecents();
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
    // Told to the other tabs of this origin, never to the one that wrote.
    globalThis.addEventListener('storage', () => {
      this.contacts = loadContacts().sort(byName);
      this.recents = loadRecents();
      onChange();
    });
  }

  /** What this browser calls that number. */
  nameOf(number: string): string | undefined {
    return nameOfNumber(number, this.contacts);
  }

  find(entry: string): Person[] {
    return findPeople(entry, this);
  }

  /** Whom the last calls were with. */
  latest(most = 5): Person[] {
    return this.recents.slice(0, most).map(({ number, name }) => {
      return { number, name: this.nameOf(number) ?? name ?? '', from: 'recent' };
    });
  }

  /** Adds a contact (without `id`) or changes one; returns why it could not. */
  put({
    id = newContactId(),
    ...rest
  }: Omit<Contact, 'id'> & { id?: string }): ContactProblem | undefined {
    const result = withContact(this.contacts, { id, ...rest });
    return 'problem' in result ? result.problem : this.#keep(result.contacts);
  }

  remove(id: string): ContactProblem | undefined {
    return this.#keep(this.contacts.filter((contact) => contact.id !== id));
  }

  /** Takes up the cards of a vCard file that are not there yet; returns how many, or why not. */
  takeUp(vcards: string): { added: number } | { problem: ContactProblem } {
    let contacts: Contact[] = [...this.contacts];
    const before = contacts.length;
    for (const { name, number } of fromVcards(vcards)) {
      if (contacts.some((other) => other.name === name && other.number === number)) continue;
      const result = withContact(contacts, { id: newContactId(), name, number });
      if ('contacts' in result) ({ contacts } = result);
      else if (result.problem === 'full') return result;
    }
    if (contacts.length === before) return { added: 0 };
    const problem = this.#keep(contacts);
    return problem === undefined ? { added: contacts.length - before } : { problem };
  }

  remember(call: RecentCall): void {
    this.recents = withRecent(this.recents, call);
    saveRecents(this.recents);
    this.#onChange();
  }

  clearRecents(): void {
    this.recents = [];
    saveRecents([]);
    this.#onChange();
  }

  #keep(contacts: readonly Contact[]): ContactProblem | undefined {
    if (!saveContacts(contacts)) return 'storage';
    this.contacts = [...contacts].sort(byName);
    this.#onChange();
    return undefined;
  }
}

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  loadContacts,
  MOST_CONTACTS,
  newContactId,
  saveContacts,
  withContact,
  type Contact,
} from './contacts.js';

let stored: string | null = null;
let full = false;

beforeEach(() => {
  stored = null;
  full = false;
  vi.stubGlobal('localStorage', {
    getItem: () => stored,
    setItem: (_key: string, value: string) => {
      if (full) throw new DOMException('no room', 'QuotaExceededError');
      stored = value;
    },
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const anna: Contact = { id: 'a', name: 'Anna', number: '+4930123' };

describe('contacts', () => {
  it('are found again, with the version of their form', () => {
    expect(saveContacts([anna])).toBe(true);
    expect(loadContacts()).toEqual([anna]);
    expect(JSON.parse(stored ?? '')).toMatchObject({ version: 1 });
  });

  it('are added, changed in place by their id, and their names are tidied', () => {
    const added = withContact([], { ...anna, name: '  Anna   M ' });
    expect(added).toEqual({ contacts: [{ ...anna, name: 'Anna M' }] });
    const changed = withContact([anna], { ...anna, number: '600' });
    expect(changed).toEqual({ contacts: [{ ...anna, number: '600' }] });
  });

  it.each([
    ['name', { ...anna, name: '  ' }],
    ['name', { ...anna, name: 'x'.repeat(81) }],
    ['number', { ...anna, number: '' }],
    ['number', { ...anna, number: '1'.repeat(65) }],
  ] as const)('refuse a bad %s', (problem, contact) => {
    expect(withContact([], contact)).toEqual({ problem });
  });

  it('are at most so many; one that is there can still be changed', () => {
    const list = Array.from({ length: MOST_CONTACTS }, (_, index) => ({ ...anna, id: `${index}` }));
    expect(withContact(list, anna)).toEqual({ problem: 'full' });
    expect(withContact(list, { ...anna, id: '5', name: 'Bo' })).toHaveProperty('contacts');
  });

  it('say so when the browser has no room', () => {
    full = true;
    expect(saveContacts([anna])).toBe(false);
  });

  it('of a newer page are neither misread nor overwritten', () => {
    stored = JSON.stringify({ version: 2, people: ['Anna'] });
    expect(loadContacts()).toEqual([]);
    expect(saveContacts([anna])).toBe(false);
    expect(stored).toContain('people');
  });

  it.each([
    '{',
    'null',
    '[]',
    '{"version":1}',
    '{"version":"1","contacts":[]}',
    '{"version":1,"contacts":{"0":{}}}',
    `{"version":1,"contacts":[1,null,{"id":"a"},{"id":"a","name":" ","number":"1"},{"id":"a","name":"A","number":7},{"id":"a","name":"${'x'.repeat(81)}","number":"1"}]}`,
  ])('leave out what cannot be read: %s', (text) => {
    stored = text;
    expect(loadContacts()).toEqual([]);
  });

  it('that are stored twice are read once', () => {
    stored = JSON.stringify({ version: 1, contacts: [anna, { ...anna, name: 'Twin' }] });
    expect(loadContacts()).toEqual([anna]);
  });

  it('have ids of their own', () => {
    expect(new Set(Array.from({ length: 100 }, newContactId)).size).toBe(100);
  });
});

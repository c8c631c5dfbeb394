import { describe, expect, it } from 'vitest';
import type { Contact } from './contacts.js';
import { findPeople, isSameNumber, nameOfNumber } from './people.js';
import type { RecentCall } from './recents.js';

const contact = (name: string, number: string): Contact => ({ id: name, name, number });
const contacts = [
  contact('Hannah Roth', '601'),
  contact('Bo Anders', '+4940555777'),
  contact('Ännchen Müller', '+4930123456'),
];
const recents: RecentCall[] = [
  { number: '030123456', how: 'incoming', at: 2 },
  { number: '602', name: 'Anton', how: 'missed', at: 1 },
  { number: '700', how: 'outgoing', at: 0 },
];
const find = (entry: string): string[] =>
  findPeople(entry, { contacts, recents }).map(({ name, number }) => name || number);

describe('findPeople', () => {
  it('ranks the beginning of a name before that of a word, before the middle', () => {
    expect(find('an')).toEqual(['Ännchen Müller', 'Anton', 'Bo Anders', 'Hannah Roth']);
  });

  it.each([
    ['muller', ['Ännchen Müller']],
    ['MÜ', ['Ännchen Müller']],
    ['roth ', ['Hannah Roth']],
    ['zoe', []],
  ])('finds %j without looking at case and accents', (entry, found) => {
    expect(find(entry)).toEqual(found);
  });

  it.each([
    ['60', ['Hannah Roth', 'Anton']],
    ['+4930', ['Ännchen Müller']],
    ['555', ['Bo Anders']],
    ['70', ['700']],
    ['7', []],
    ['700', []],
    ['', []],
  ])('finds the digits %j, and not what stands there already', (entry, found) => {
    expect(find(entry)).toEqual(found);
  });

  it('names a number once, by the contact, though it was called in another form', () => {
    expect(find('30123')).toEqual(['Ännchen Müller']);
  });

  it('stops at the number of people asked for', () => {
    expect(findPeople('an', { contacts, recents }, 2)).toHaveLength(2);
  });
});

describe('the name of a number', () => {
  it.each([
    ['+4930123456', 'Ännchen Müller'],
    ['004930123456', 'Ännchen Müller'],
    ['601', 'Hannah Roth'],
    ['0601', undefined],
    ['', undefined],
  ])('%j is %j', (number, name) => {
    expect(nameOfNumber(number, contacts)).toBe(name);
  });

  it.each([
    ['+49301234567', '0301234567', true],
    ['0301234567', '+49301234567', true],
    ['+49301234567', '00301234567', false],
    ['+49301234567', '+1301234567', false],
    ['+4930123', '030123', false],
    ['+49301234567', '01234567', false],
    ['+123490301234567', '0301234567', false],
    ['600', '600', true],
    ['bob', 'Bob', false],
  ])('%s and %s are the same: %s', (one, other, expected) => {
    expect(isSameNumber(one, other)).toBe(expected);
  });
});

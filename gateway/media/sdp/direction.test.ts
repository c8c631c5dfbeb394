import { expect, it } from 'vitest';
import { limitedByOffer, reversed, type Direction } from './direction.js';

it('never answers more than the offer allows (RFC 3264 section 6.1)', () => {
  const table: readonly [offer: Direction, wanted: Direction, answer: Direction][] = [
    ['sendrecv', 'sendrecv', 'sendrecv'],
    ['sendrecv', 'recvonly', 'recvonly'],
    ['sendonly', 'sendrecv', 'recvonly'],
    ['sendonly', 'sendonly', 'inactive'],
    ['recvonly', 'sendrecv', 'sendonly'],
    ['inactive', 'sendrecv', 'inactive'],
  ];
  for (const [offer, wanted, answer] of table) expect(limitedByOffer(wanted, offer)).toBe(answer);
  expect(reversed('sendonly')).toBe('recvonly');
});

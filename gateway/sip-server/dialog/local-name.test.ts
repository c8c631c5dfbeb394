import { expect, it } from 'vitest';
import { replaceLocalhost } from './local-name.js';

const name = { host: 'localhost', port: 8080, transportParam: ';transport=ws' };

it.each([
  ['contact', '<sip:copperline@localhost>', '<sip:copperline@localhost:8080;transport=ws>'],
  ['from', '"A" <sip:a@localhost>;tag=1', 'A <sip:a@localhost:8080>;tag=1'],
  // What we wrote ourselves before comes back in a re-INVITE of the application.
  ['contact', '<sip:a@localhost:8080;transport=ws>', '<sip:a@localhost:8080;transport=ws>'],
  ['to', '<sip:a@localhost:5070>', '<sip:a@localhost:5070>'],
  ['contact', '<sip:a@localhost.example>', '<sip:a@localhost.example>'],
  ['route', '<sip:a@localhost>', '<sip:a@localhost>'],
])('names us in %s: %s', (header, value, expected) => {
  expect(replaceLocalhost(header, value, name)).toBe(expected);
});

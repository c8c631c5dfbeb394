import { expect, it } from 'vitest';
import { readSipFragment } from './transfer-request.js';

it.each([
  ['SIP/2.0 100 Trying\r\n', { status: 100, phrase: 'Trying' }],
  ['SIP/2.0 486', { status: 486, phrase: '' }],
  ['SIP/2.0 603 Nobody wants to talk.\r\nX: y', { status: 603, phrase: 'Nobody wants to talk.' }],
  ['', undefined],
  ['HTTP/1.1 200 OK', undefined],
])('reads the status of a transfer from %j', (body, status) => {
  expect(readSipFragment(body)).toEqual(status);
});

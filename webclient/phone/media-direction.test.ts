import { expect, it } from 'vitest';
import { audioDirection, isHeldBy } from './media-direction.js';

const sdp = (session: string, audio: string): string =>
  ['v=0', session, 'm=audio 9 RTP/AVP 0', audio, ''].filter((line) => line !== '').join('\r\n');

it.each([
  [sdp('', ''), 'sendrecv', false],
  [sdp('a=sendonly', ''), 'sendonly', true],
  [sdp('a=sendonly', 'a=sendrecv'), 'sendrecv', false],
  [sdp('', 'a=inactive'), 'inactive', true],
  [sdp('', 'a=recvonly'), 'recvonly', false],
  ['', 'sendrecv', false],
])('reads who is on hold (%#)', (text, direction, held) => {
  expect(audioDirection(text)).toBe(direction);
  expect(isHeldBy(text)).toBe(held);
});

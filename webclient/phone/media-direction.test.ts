import { expect, it } from 'vitest';
import { audioDirection, isHeldAtOurSide, isHeldBy } from './media-direction.js';

const sdp = (session: string, audio: string): string =>
  ['v=0', session, 'm=audio 9 RTP/AVP 0', audio, ''].filter((line) => line !== '').join('\r\n');

it.each([
  [sdp('', ''), 'sendrecv', []],
  [sdp('a=sendonly', ''), 'sendonly', ['peer']],
  [sdp('a=sendonly', 'a=sendrecv'), 'sendrecv', []],
  [sdp('', 'a=inactive'), 'inactive', ['peer', 'us']],
  [sdp('', 'a=recvonly'), 'recvonly', ['us']],
  ['', 'sendrecv', []],
])('reads who is on hold (%#)', (text, direction, holders) => {
  expect(audioDirection(text)).toBe(direction);
  const found = { peer: isHeldBy(text), us: isHeldAtOurSide(text) };
  expect(found).toEqual({ peer: holders.includes('peer'), us: holders.includes('us') });
});

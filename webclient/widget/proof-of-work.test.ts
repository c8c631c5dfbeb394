import { expect, it } from 'vitest';
import { solve } from './proof-of-work.js';

async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
}

it('finds what the gateway accepts', async () => {
  const solution = await solve('a.b.c', 12, new AbortController().signal);
  const hex = Array.from(await sha256('a.b.c'), (byte) => byte.toString(16).padStart(2, '0'));
  const digest = await sha256(`${hex.join('')}:${solution}`);
  expect([digest[0], (digest[1] ?? 255) >> 4]).toEqual([0, 0]);
});

it('stops when the visitor hangs up', async () => {
  const over = new AbortController();
  const work = solve('a.b.c', 250, over.signal);
  over.abort(new Error('hung up'));
  await expect(work).rejects.toThrow('hung up');
});

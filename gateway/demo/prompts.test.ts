import { readdir } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { decodeG711 } from './g711.js';
import { loadPrompts } from './prompts.js';

const SENTENCES = ['greeting', 'again', 'you-pressed', 'goodbye', 'not-in-service'] as const;

function loudest(codes: Buffer): number {
  const samples = new Int16Array(codes.length);
  decodeG711('PCMU', codes, samples);
  return samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
}

describe('the prompts', () => {
  it('are all there, audible and not clipped', async () => {
    const prompts = await loadPrompts();
    const all = [
      ...SENTENCES.map((name) => prompts.sentence(name)),
      ...Array.from('0123456789*#ABCD', (key) => prompts.key(key) ?? Buffer.alloc(0)),
    ];
    for (const audio of all) {
      // Between 0.2 s and 8 s at 8000 bytes a second.
      expect(audio.length).toBeGreaterThan(1600);
      expect(audio.length).toBeLessThan(64_000);
      expect(loudest(audio)).toBeGreaterThan(8000);
      expect(loudest(audio)).toBeLessThan(32_000);
    }
    expect(new Set(all.map((audio) => audio.toString('base64'))).size).toBe(21);
    expect(prompts.key('event-16')).toBeUndefined();
  });

  it('has no file that nothing says', async () => {
    const folder = 'prompts/';
    const files = await readdir(new URL(folder, import.meta.url));
    expect(files.filter((name) => name.endsWith('.ul'))).toHaveLength(21);
  });

  it('names the file that is missing', async () => {
    await expect(loadPrompts(pathToFileURL('/nowhere/'))).rejects.toMatchObject({
      code: 'CL_DEMO_PROMPT_MISSING',
      message: expect.stringContaining('greeting.ul') as string,
    });
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';

export interface WebclientBuild {
  /** Holds index.html and the assets. */
  directory: string;
  remove(): Promise<void>;
}

/** Builds the page as `npm run build:webclient` does, into a directory of its own, so that a test sees today's code. */
export async function buildWebclient(): Promise<WebclientBuild> {
  const directory = await mkdtemp(join(tmpdir(), 'copperline-webclient-'));
  await build({
    configFile: 'webclient/vite.config.ts',
    logLevel: 'warn',
    build: { outDir: directory, emptyOutDir: true },
  });
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

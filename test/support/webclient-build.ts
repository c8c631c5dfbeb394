import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { build } from 'vite';

/** Inside node_modules, which no tool looks at and a fresh clone does not have. */
const CACHE = join('node_modules', '.cache', 'copperline-webclient');

export interface WebclientBuild {
  /** Holds index.html and the assets; not to be written to. */
  directory: string;
  /** Other tests use the same build: it stays until the sources change. */
  remove(): Promise<void>;
}

/** Builds the page as `npm run build:webclient` does, once for each state of its sources, so that a test sees today's code. */
export async function buildWebclient(): Promise<WebclientBuild> {
  const directory = join(process.cwd(), CACHE, await sourceHash());
  if (!existsSync(directory)) await buildInto(directory);
  return { directory, remove: () => removeOthers(directory) };
}

async function buildInto(directory: string): Promise<void> {
  await mkdir(dirname(directory), { recursive: true });
  const outDir = await mkdtemp(`${directory}-`);
  await build({
    configFile: 'webclient/vite.config.ts',
    logLevel: 'warn',
    build: { outDir, emptyOutDir: true },
  });
  await build({
    configFile: 'webclient/vite.sdk.config.ts',
    logLevel: 'warn',
    build: { outDir: join(outDir, 'sdk'), emptyOutDir: true },
  });
  // Whole or not at all: another test file may build the same in this moment.
  await rename(outDir, directory).catch(async (error: unknown) => {
    await rm(outDir, { recursive: true, force: true });
    if (!existsSync(directory)) throw error;
  });
}

/** Of everything that a build reads. */
async function sourceHash(): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir('webclient', { recursive: true, withFileTypes: true });
  const sources = entries
    .filter((entry) => entry.isFile() && !/\.(?:test\.ts|md|png|webp)$/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name));
  for (const path of ['package-lock.json', 'tsconfig.json', ...sources.sort()])
    hash.update(`${path}\0`).update(await readFile(path));
  return hash.digest('hex').slice(0, 16);
}

/** Builds of earlier states of the sources. */
async function removeOthers(directory: string): Promise<void> {
  const folder = dirname(directory);
  const isOld = (name: string): boolean =>
    /^[0-9a-f]{16}$/.test(name) && name !== basename(directory);
  for (const name of (await readdir(folder)).filter(isOld))
    await rm(join(folder, name), { recursive: true, force: true });
}

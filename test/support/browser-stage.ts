import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launchChromium } from './chromium.js';
import { writeToneWav } from './tone-wav.js';
import { buildWebclient, type WebclientBuild } from './webclient-build.js';

interface Parts {
  browser: Browser;
  build: WebclientBuild;
  folder: string;
}

/** What the tests of a file share: the built web client, a Chromium, and a folder for files of theirs. */
export interface BrowserStage {
  readonly browser: Browser;
  /** Of the built web client. */
  readonly directory: string;
  readonly folder: string;
}

/**
 * Opens the stage before all tests of the file that calls it, and closes it after them.
 * @param toneHz what the microphone plays; the beeps of Chromium's own when it is left out
 */
export function browserStage({ toneHz }: { toneHz?: number } = {}): BrowserStage {
  let parts: Parts | undefined;
  const there = (): Parts => {
    if (parts === undefined) throw new Error('there is no browser outside of a test');
    return parts;
  };
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'copperline-e2e-'));
    const microphoneFile = join(folder, 'tone.wav');
    if (toneHz !== undefined) writeToneWav(microphoneFile, toneHz);
    const build = await buildWebclient();
    const browser = await launchChromium(toneHz === undefined ? {} : { microphoneFile });
    parts = { browser, build, folder };
  });
  afterAll(async () => {
    const { browser, build, folder } = there();
    await browser.close();
    await build.remove();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    get browser() {
      return there().browser;
    },
    get directory() {
      return there().build.directory;
    },
    get folder() {
      return there().folder;
    },
  };
}

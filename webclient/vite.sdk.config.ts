import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { defineConfig, type Plugin, type ResolvedConfig } from 'vite';
import { writePackage } from './sdk-package.js';
import { writeTypes } from './sdk-types.js';

/** What a page loads to be a phone, sip.js included; kB of 1000 bytes. */
const LIMIT_KB = 90;

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const entry = here('./phone/sdk.ts');

/** Types, package and sizes, once both bundles are written. */
function sdk(): Plugin {
  let outDir = '';
  return {
    name: 'copperline-sdk',
    configResolved(config: ResolvedConfig) {
      outDir = config.build.outDir;
    },
    closeBundle() {
      writeTypes({ entry, into: join(outDir, 'types') });
      writePackage(outDir, here('../package.json'));
      for (const name of ['copperline-phone.js', 'copperline-phone.iife.js']) {
        const kb = gzipSync(readFileSync(join(outDir, name))).length / 1000;
        const size = `sdk/${name}: ${kb.toFixed(1)} kB gzipped of ${LIMIT_KB} kB`;
        if (kb > LIMIT_KB) throw new Error(`${size}: too large.`);
        process.stdout.write(`${size}\n`);
      }
    },
  };
}

/** Builds the SDK into dist/webclient/sdk/: an ES module, a script with the global `Copperline`, types, an npm package. */
export default defineConfig({
  root: here('./phone/'),
  plugins: [sdk()],
  build: {
    outDir: here('../dist/webclient/sdk/'),
    emptyOutDir: true,
    copyPublicDir: false,
    target: 'es2022',
    modulePreload: false,
    reportCompressedSize: false,
    rollupOptions: {
      input: entry,
      preserveEntrySignatures: 'strict',
      output: [
        { format: 'es', entryFileNames: 'copperline-phone.js' },
        { format: 'iife', name: 'Copperline', entryFileNames: 'copperline-phone.iife.js' },
      ],
    },
  },
});

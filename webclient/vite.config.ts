import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { widget } from './widget-build.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Builds the softphone page into dist/webclient/; the base is relative so that it works under any path. */
export default defineConfig({
  root: here('./softphone/'),
  base: './',
  plugins: [widget()],
  build: {
    outDir: here('../dist/webclient/'),
    emptyOutDir: true,
    target: 'es2022',
    // Inlined assets and the preload helper would need more than `script-src 'self'` in a strict CSP.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
});

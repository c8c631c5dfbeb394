import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type InlineConfig, type Plugin, type ResolvedConfig, type Rollup } from 'vite';

/** What a page of a shop may be asked to load before anybody clicks. */
const LOADER_LIMIT_BYTES = 10_000;

const source = (name: string): string =>
  fileURLToPath(new URL(`./widget/${name}.ts`, import.meta.url));

/** Builds the widget beside the page: `widget.js`, which pages of shops name, and the bundle with the phone, which it loads. */
export function widget(): Plugin {
  let outDir = '';
  return {
    name: 'copperline-widget',
    apply: 'build',
    configResolved(config: ResolvedConfig) {
      outDir = config.build.outDir;
    },
    async closeBundle() {
      const phone = await bundle(outDir, {
        entry: source('visit'),
        format: 'es',
        fileName: 'assets/widget-phone-[hash].js',
      });
      await bundle(
        outDir,
        { entry: source('loader'), format: 'iife', fileName: 'widget.js' },
        { COPPERLINE_PHONE: JSON.stringify(phone) },
      );
      const size = gzipSync(readFileSync(join(outDir, 'widget.js'))).length;
      if (size > LOADER_LIMIT_BYTES)
        throw new Error(`widget.js has ${size} bytes gzipped, more than ${LOADER_LIMIT_BYTES}.`);
    },
  };
}

async function bundle(
  outDir: string,
  what: { entry: string; format: 'es' | 'iife'; fileName: string },
  define: Record<string, string> = {},
): Promise<string> {
  const config: InlineConfig = {
    configFile: false,
    logLevel: 'warn',
    define,
    build: {
      outDir,
      emptyOutDir: false,
      copyPublicDir: false,
      target: 'es2022',
      minify: 'esbuild',
      modulePreload: false,
      rollupOptions: {
        input: what.entry,
        preserveEntrySignatures: 'strict',
        output: { format: what.format, entryFileNames: what.fileName, inlineDynamicImports: true },
      },
    },
  };
  const result = (await build(config)) as Rollup.RollupOutput;
  return result.output[0].fileName;
}

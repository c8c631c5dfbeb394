import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NAME = 'copperline-phone';

/**
 * Makes an npm package of a folder with the files of the SDK, and packs it: `npm install https://gw.example/sdk/copperline-phone.tgz`.
 * The name of the archive has no version, so that the address stays.
 */
export function writePackage(folder: string, project: string): void {
  const { version, license } = JSON.parse(readFileSync(project, 'utf8')) as {
    version: string;
    license: string;
  };
  const fields = {
    ...{ name: NAME, version, license, type: 'module', sideEffects: false },
    description: 'A phone for web pages: SIP over WebSocket and WebRTC.',
    ...{ main: `./${NAME}.js`, module: `./${NAME}.js`, types: `./${NAME}.d.ts` },
    exports: {
      '.': { types: `./${NAME}.d.ts`, default: `./${NAME}.js` },
      './iife': { types: `./${NAME}.iife.d.ts`, default: `./${NAME}.iife.js` },
    },
    ...{ unpkg: `./${NAME}.iife.js`, files: ['*.js', '*.d.ts', 'types'] },
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(fields, undefined, 2)}\n`);
  // Global declarations of the script tag: `Copperline`.
  const types = "export * from './types/sdk.js';\n";
  writeFileSync(join(folder, `${NAME}.d.ts`), types);
  writeFileSync(join(folder, `${NAME}.iife.d.ts`), `${types}export as namespace Copperline;\n`);
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  execFileSync(npm, ['pack', '--silent', '--ignore-scripts', '--offline'], { cwd: folder });
  renameSync(join(folder, `${NAME}-${version}.tgz`), join(folder, `${NAME}.tgz`));
}

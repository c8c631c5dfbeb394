// `npm run bench`: prints ratios measured side by side in one run. See test/bench/README.md.
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { run } from './process.mjs';

await ensureInstalled();
await ensureBuilt();
process.exitCode = await run(process.execPath, [
  '--expose-gc',
  '--import',
  'tsx',
  'test/bench/main.ts',
  ...process.argv.slice(2),
]);

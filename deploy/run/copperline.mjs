// `npm run copperline -- COMMAND ...`: the command line tool, installed and built on first use.
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { say } from './process.mjs';

try {
  await ensureInstalled();
  await ensureBuilt();
} catch (error) {
  say(error.message);
  process.exit(1);
}
const { runCli } = await import('../../dist/gateway/cli.js');
process.exitCode = await runCli(process.argv.slice(2));

// `npm start [-- FILE]`: installs and builds what is missing, then runs the gateway in this process.
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
process.exitCode = await runCli(['start', ...process.argv.slice(2)]);

// `npm run sip-server -- --contact URI --secret TEXT`: the SIP server alone, installed and built on first use.
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
const { runSipServer } = await import('../../dist/gateway/sip-server/standalone.js');
process.exitCode = await runSipServer(process.argv.slice(2));

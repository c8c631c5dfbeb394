import { runCli } from '../../gateway/cli.js';

/** The command line as `npm run copperline --` runs it, straight from the sources. */
process.exitCode = await runCli(process.argv.slice(2));

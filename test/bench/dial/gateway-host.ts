import { runGateway } from '../../../gateway/main.js';

/** The whole gateway as `npm start -- FILE` runs it. */
process.exitCode = await runGateway({ configFile: process.argv[2] });

import { openRelay } from './relay-on-loopback.js';

/** A gateway's media alone, in a process that a test can kill: tells its parent the pids of its workers. */
const engine = await openRelay({ workers: 2 });
process.send?.(engine.workerPids());

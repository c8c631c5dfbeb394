import { systemClock } from '../../gateway/kernel/clock.js';
import { silentLog } from '../../gateway/kernel/log.js';
import { createRelayEngine } from '../../gateway/media/workers/relay-engine.js';

/** A gateway's media alone, in a process that a test can kill: tells its parent the pids of its workers. */
const engine = await createRelayEngine({
  workers: 2,
  browser: { host: '127.0.0.1', port: 0 },
  carrier: { host: '127.0.0.1', ports: undefined },
  timeoutMs: 10_000,
  log: silentLog,
  clock: systemClock,
});
process.send?.(engine.workerPids());

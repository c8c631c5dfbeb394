import { systemClock } from '../../gateway/kernel/clock.js';
import { silentLog } from '../../gateway/kernel/log.js';
import { createRelayEngine } from '../../gateway/media/workers/relay-engine.js';
import type { EngineUnderTest } from './engine-under-test.js';
import { describeMediaEngine } from './media-engine.contract.js';

async function createRelay(settings: { timeoutMs?: number } = {}): Promise<EngineUnderTest> {
  const engine = await createRelayEngine({
    workers: 1,
    browser: { host: '127.0.0.1', port: 0 },
    carrier: { host: '127.0.0.1', ports: undefined },
    timeoutMs: settings.timeoutMs ?? 10_000,
    log: silentLog,
    clock: systemClock,
  });
  return {
    engine,
    strangers: async () => (await engine.foreignPackets())?.strangers ?? 0,
    killWorker: () => {
      for (const pid of engine.workerPids()) process.kill(pid, 'SIGKILL');
    },
  };
}

describeMediaEngine('relay', createRelay);

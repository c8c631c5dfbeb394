import { openRelay } from '../support/relay-on-loopback.js';
import type { EngineUnderTest } from './engine-under-test.js';
import { describeMediaEngine } from './media-engine.contract.js';

async function createRelay(settings: { timeoutMs?: number } = {}): Promise<EngineUnderTest> {
  const engine = await openRelay(settings);
  return {
    engine,
    strangers: async () => (await engine.foreignPackets())?.strangers ?? 0,
    killWorker: () => {
      for (const pid of engine.workerPids()) process.kill(pid, 'SIGKILL');
    },
  };
}

describeMediaEngine('relay', createRelay);

import { systemClock } from '../../gateway/kernel/clock.js';
import { silentLog } from '../../gateway/kernel/log.js';
import {
  createRelayEngine,
  type RelayEngine,
  type RelayEngineOptions,
} from '../../gateway/media/workers/relay-engine.js';

/** The relay on free ports of the loopback, with one worker unless `options` says otherwise. The caller closes it. */
export function openRelay(options: Partial<RelayEngineOptions> = {}): Promise<RelayEngine> {
  return createRelayEngine({
    workers: 1,
    browser: { host: '127.0.0.1', port: 0 },
    carrier: { host: '127.0.0.1', ports: undefined },
    timeoutMs: 10_000,
    log: silentLog,
    clock: systemClock,
    ...options,
  });
}

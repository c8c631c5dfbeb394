import { availableParallelism } from 'node:os';
import type { Clock } from '../../kernel/clock.js';
import type { Log } from '../../kernel/log.js';
import { startWorkers, type WorkerEngine } from './worker-pool.js';

export interface WrtcEngineOptions {
  /** Worker processes; default one per core. */
  workers?: number;
  browser: {
    /** IP address that browsers are told; `0.0.0.0` for all of this machine that are not loopback. */
    host: string;
    /** Told instead (1:1 NAT). */
    advertised?: string | undefined;
    /** UDP ports, one for each browser, shared by all workers; undefined takes any free ones. */
    ports: { min: number; max: number } | undefined;
  };
  carrier: {
    host: string;
    ports: { min: number; max: number } | undefined;
    advertised?: string | undefined;
  };
  timeoutMs: number;
  log: Log;
  clock: Clock;
}

/** The engine of wrtc/ in worker processes. */
export function createWrtcEngine(options: WrtcEngineOptions): Promise<WorkerEngine> {
  const { browser, carrier, timeoutMs } = options;
  const count = options.workers ?? Math.max(1, availableParallelism());
  const hosts = Array.from({ length: count }, (_, index) => ({
    ...{ engine: 'wrtc' as const, browser, timeoutMs },
    carrier: { ...carrier, start: index / count },
  }));
  return startWorkers('wrtc', hosts, options);
}

import { availableParallelism } from 'node:os';
import type { Clock } from '../../kernel/clock.js';
import type { Log } from '../../kernel/log.js';
import type { HostOptions } from './worker-protocol.js';
import { startWorkers, type WorkerEngine } from './worker-pool.js';

export interface RelayEngineOptions {
  /** Worker processes; default one per core. */
  workers?: number;
  browser: {
    /** IPv4 address to bind; `0.0.0.0` for all. */
    host: string;
    /** Worker n listens on `port + n`; 0 takes any free ports. */
    port: number;
    /** Address told to browsers when it is not `host` (1:1 NAT). */
    advertised?: string | undefined;
    /** New calls get another DTLS certificate after this, ms; default 30 days. */
    certificateMaxAgeMs?: number | undefined;
  };
  carrier: {
    /** IPv4 address to bind and to tell carriers. */
    host: string;
    /** RTP ports, shared by all workers; undefined takes any free ones. */
    ports: { min: number; max: number } | undefined;
    /** Address told to carriers when it is not `host`. */
    advertised?: string | undefined;
  };
  /** A leg that is not on hold and sends nothing for this long ends its call, ms. */
  timeoutMs: number;
  log: Log;
  clock: Clock;
}

const CERTIFICATE_MAX_AGE_MS = 30 * 86_400_000;

/** The engine of relay/ in worker processes. */
export type RelayEngine = WorkerEngine;

/** @throws CopperlineError CL_START_PORT_IN_USE when a browser port cannot be had */
export async function createRelayEngine(options: RelayEngineOptions): Promise<RelayEngine> {
  const count = options.workers ?? Math.max(1, availableParallelism());
  const hosts = Array.from({ length: count }, (_, index) => hostOptions(options, { index, count }));
  return startWorkers('relay', hosts, options);
}

function hostOptions(
  options: RelayEngineOptions,
  { index, count }: { index: number; count: number },
): HostOptions {
  const { browser, carrier, timeoutMs } = options;
  const port = browser.port === 0 ? 0 : browser.port + index;
  return {
    engine: 'relay',
    browser: {
      ...browser,
      port,
      certificateMaxAgeMs: browser.certificateMaxAgeMs ?? CERTIFICATE_MAX_AGE_MS,
    },
    carrier: { ...carrier, start: index / count },
    timeoutMs,
  };
}

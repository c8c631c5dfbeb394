import { availableParallelism } from 'node:os';
import type { Clock } from '../../kernel/clock.js';
import { CopperlineError } from '../../kernel/errors.js';
import type { Log } from '../../kernel/log.js';
import type {
  MediaEngine,
  MediaSession,
  MediaSessionOptions,
  WorkerHealth,
} from '../media-engine.js';
import type { RelayHostOptions } from '../relay/relay-host.js';
import { WorkerSession } from './worker-session.js';
import { WorkerSlot } from './worker-slot.js';

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
export interface RelayEngine extends MediaEngine {
  /** Connectivity checks (STUN) on the browsers' ports that belonged to no call, since the start. */
  strangers(): Promise<number>;
  /** Process ids of the workers that are up. */
  workerPids(): number[];
}

/** @throws CopperlineError CL_START_PORT_IN_USE when a browser port cannot be had */
export async function createRelayEngine(options: RelayEngineOptions): Promise<RelayEngine> {
  const count = options.workers ?? Math.max(1, availableParallelism());
  const slots = Array.from(
    { length: count },
    (_, index) =>
      new WorkerSlot({
        index,
        host: hostOptions(options, { index, count }),
        log: options.log,
        clock: options.clock,
      }),
  );
  const started = await Promise.allSettled(slots.map((slot) => slot.start()));
  const failed = started.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await Promise.all(slots.map((slot) => slot.close()));
    throw failed.reason;
  }
  return new WorkerPool(slots);
}

function hostOptions(
  options: RelayEngineOptions,
  { index, count }: { index: number; count: number },
): RelayHostOptions {
  const { browser, carrier, timeoutMs } = options;
  const port = browser.port === 0 ? 0 : browser.port + index;
  return {
    browser: {
      ...browser,
      port,
      certificateMaxAgeMs: browser.certificateMaxAgeMs ?? CERTIFICATE_MAX_AGE_MS,
    },
    carrier: { ...carrier, start: index / count },
    timeoutMs,
  };
}

class WorkerPool implements RelayEngine {
  readonly name = 'relay';
  readonly #slots: readonly WorkerSlot[];
  #lastSession = 0;
  #closed = false;

  constructor(slots: readonly WorkerSlot[]) {
    this.#slots = slots;
  }

  async open(options: MediaSessionOptions): Promise<MediaSession> {
    const slot = this.#leastLoaded();
    const worker = slot?.process;
    if (slot === undefined || worker === undefined) {
      throw new CopperlineError('CL_MEDIA_UNAVAILABLE', {
        sentence: this.#closed ? 'The media engine is closed.' : 'No media worker is running.',
      });
    }
    this.#lastSession += 1;
    const id = this.#lastSession;
    await slot.open(id, options);
    return new WorkerSession({ id, slot, worker });
  }

  async counts(): Promise<{ sessions: number; ports: number; workers: number }> {
    const all = await this.#workerCounts();
    const sum = (field: 'sessions' | 'ports'): number =>
      all.reduce((total, counts) => total + counts[field], 0);
    return { sessions: sum('sessions'), ports: sum('ports'), workers: all.length };
  }

  workerHealth(): Promise<WorkerHealth[]> {
    return Promise.all(this.#slots.map((slot) => slot.health()));
  }

  async strangers(): Promise<number> {
    const all = await this.#workerCounts();
    return all.reduce((total, counts) => total + counts.strangers, 0);
  }

  workerPids(): number[] {
    return this.#slots.flatMap((slot) => slot.process?.pid ?? []);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#slots.map((slot) => slot.close()));
  }

  async #workerCounts(): Promise<{ sessions: number; ports: number; strangers: number }[]> {
    const workers = this.#slots.flatMap((slot) => slot.process ?? []);
    const asked = workers.map((worker) => worker.request('counts', undefined));
    const answers = await Promise.allSettled(asked);
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  }

  #leastLoaded(): WorkerSlot | undefined {
    if (this.#closed) return undefined;
    let best: WorkerSlot | undefined;
    for (const slot of this.#slots) {
      if (slot.process === undefined) continue;
      if (best === undefined || slot.load < best.load) best = slot;
    }
    return best;
  }
}

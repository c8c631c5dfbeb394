import type { Clock } from '../../kernel/clock.js';
import { CopperlineError } from '../../kernel/errors.js';
import type { Log } from '../../kernel/log.js';
import type {
  ForeignPackets,
  MediaEngine,
  MediaSession,
  MediaSessionOptions,
  WorkerHealth,
} from '../media-engine.js';
import type { HostOptions, WorkerCounts } from './worker-protocol.js';
import { WorkerSession } from './worker-session.js';
import { WorkerSlot } from './worker-slot.js';

/** An engine in worker processes. */
export interface WorkerEngine extends MediaEngine {
  foreignPackets(): Promise<ForeignPackets | undefined>;
  /** Process ids of the workers that are up. */
  workerPids(): number[];
}

/** One worker for each of the hosts. @throws CopperlineError CL_START_PORT_IN_USE */
export async function startWorkers(
  name: 'relay' | 'wrtc',
  hosts: readonly HostOptions[],
  { log, clock }: { log: Log; clock: Clock },
): Promise<WorkerEngine> {
  const slots = hosts.map((host, index) => new WorkerSlot({ index, host, log, clock }));
  const started = await Promise.allSettled(slots.map((slot) => slot.start()));
  const failed = started.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await Promise.all(slots.map((slot) => slot.close()));
    throw failed.reason;
  }
  return new WorkerPool(name, slots);
}

class WorkerPool implements WorkerEngine {
  readonly name: 'relay' | 'wrtc';
  readonly #slots: readonly WorkerSlot[];
  #lastSession = 0;
  #closed = false;

  constructor(name: 'relay' | 'wrtc', slots: readonly WorkerSlot[]) {
    this.name = name;
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

  async foreignPackets(): Promise<ForeignPackets | undefined> {
    const all = (await this.#workerCounts()).flatMap(({ foreign }) => foreign ?? []);
    if (all.length === 0) return undefined;
    const sum = (field: keyof ForeignPackets): number =>
      all.reduce((total, foreign) => total + foreign[field], 0);
    return { strangers: sum('strangers'), unclaimed: sum('unclaimed') };
  }

  workerPids(): number[] {
    return this.#slots.flatMap((slot) => slot.process?.pid ?? []);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#slots.map((slot) => slot.close()));
  }

  async #workerCounts(): Promise<WorkerCounts[]> {
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

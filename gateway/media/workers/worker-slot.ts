import type { Clock, Timer } from '../../kernel/clock.js';
import type { Log } from '../../kernel/log.js';
import type {
  LegName,
  MediaSessionHandlers,
  MediaSessionOptions,
  WorkerHealth,
} from '../media-engine.js';
import { WorkerProcess, workerDied } from './worker-process.js';
import { fromWireError, type HostOptions, type WorkerNotification } from './worker-protocol.js';

export interface WorkerSlotOptions {
  /** 0, 1, ...: for logs. */
  index: number;
  host: HostOptions;
  log: Log;
  clock: Clock;
}

const FIRST_RESTART_MS = 100;
const LONGEST_RESTART_MS = 10_000;
/** A worker that lived this long has not died of its own start. */
const STABLE_AFTER_MS = 30_000;

/**
 * One place for a worker process. When the process dies its sessions fail, and another is started: at once after a
 * long life, later and later when it dies again and again.
 *
 *     starting ──started──▶ ready ──exit──▶ waiting ──timer──▶ starting
 */
export class WorkerSlot {
  readonly #options: WorkerSlotOptions;
  readonly #sessions = new Map<number, MediaSessionHandlers>();
  /** Sessions that the worker has been asked for and not yet opened. */
  #opening = 0;
  #process: WorkerProcess | undefined;
  #ready = false;
  #closed = false;
  #restart: Timer | undefined;
  #restartMs = FIRST_RESTART_MS;
  #startedAt = 0;
  #restarts = 0;

  constructor(options: WorkerSlotOptions) {
    this.#options = options;
  }

  /** Sessions it carries: what load is spread by. */
  get load(): number {
    return this.#sessions.size + this.#opening;
  }

  /** The process, when it can take requests. */
  get process(): WorkerProcess | undefined {
    return this.#ready ? this.#process : undefined;
  }

  async health(): Promise<WorkerHealth> {
    const down = { memoryBytes: 0, eventLoopDelayMs: { p99: 0, max: 0 } };
    const { process } = this;
    const measured = await process?.request('health', undefined).catch(() => undefined);
    return {
      worker: this.#options.index,
      up: measured !== undefined,
      sessions: this.load,
      restarts: this.#restarts,
      ...(measured ?? down),
    };
  }

  /** @throws CopperlineError CL_START_PORT_IN_USE, CL_MEDIA_WORKER_DIED */
  async start(): Promise<void> {
    this.#startedAt = this.#options.clock.monotonic();
    const started = new WorkerProcess(
      {
        onNotification: (notification) => {
          this.#dispatch(notification);
        },
        onExit: (how) => {
          this.#died(how);
        },
      },
      this.#options.clock,
    );
    this.#process = started;
    try {
      const { browserPort } = await started.request('start', this.#options.host);
      this.#ready = true;
      const { index } = this.#options;
      this.#options.log.info(
        { worker: index, pid: started.pid, browserPort },
        'media worker ready',
      );
    } catch (error) {
      await started.stop();
      throw error;
    }
  }

  /**
   * Opens a session; it counts as load at once, so that calls opened in the same moment spread as well.
   * @throws CopperlineError CL_MEDIA_WORKER_DIED
   */
  async open(session: number, options: MediaSessionOptions): Promise<void> {
    const worker = this.process;
    if (worker === undefined) throw workerDied();
    this.#opening += 1;
    try {
      const { callId, ownCertificate = false } = options;
      await worker.request('open', { session, callId, ownCertificate });
      this.#sessions.set(session, options.handlers);
    } finally {
      this.#opening -= 1;
    }
  }

  remove(session: number): void {
    this.#sessions.delete(session);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#restart?.cancel();
    await this.#process?.stop();
  }

  #dispatch(notification: WorkerNotification): void {
    const handlers = this.#sessions.get(notification.session);
    if (handlers === undefined) return;
    switch (notification.event) {
      case 'connected':
        handlers.onConnected(notification.leg);
        return;
      case 'digit':
        handlers.onDigit(notification.report);
        return;
      case 'played':
      case 'prompt':
        tellSound(handlers, notification);
        return;
      case 'rejected':
        handlers.onRejected?.(notification.rejection);
        return;
      case 'quality':
        handlers.onQuality?.(notification.quality);
        return;
      case 'failed':
        handlers.onFailed(fromWireError(notification.error));
    }
  }

  #died(how: { code: number | null; signal: string | null }): void {
    const wasReady = this.#ready;
    this.#ready = false;
    this.#process = undefined;
    const lost = [...this.#sessions.values()];
    this.#sessions.clear();
    if (!this.#closed && wasReady) {
      const { log, index } = this.#options;
      log.error({ worker: index, ...how, sessions: lost.length }, 'media worker died');
      this.#scheduleRestart();
    }
    for (const handlers of lost) handlers.onFailed(workerDied());
  }

  #scheduleRestart(): void {
    const { clock, log, index } = this.#options;
    const lived = clock.monotonic() - this.#startedAt;
    this.#restartMs =
      lived > STABLE_AFTER_MS
        ? FIRST_RESTART_MS
        : Math.min(this.#restartMs * 2, LONGEST_RESTART_MS);
    this.#restart = clock.setTimer(() => {
      this.#restarts += 1;
      this.start().catch((error: unknown) => {
        log.error({ worker: index, err: error }, 'media worker did not start');
        if (!this.#closed) this.#scheduleRestart();
      });
    }, this.#restartMs);
  }
}

function tellSound(
  handlers: MediaSessionHandlers,
  { event, leg }: { event: 'played' | 'prompt'; leg: LegName },
): void {
  if (event === 'played') handlers.onPlayed?.(leg);
  else handlers.onPrompt?.(leg);
}

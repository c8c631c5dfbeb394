import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Clock, Timer } from '../../kernel/clock.js';
import { CopperlineError } from '../../kernel/errors.js';
import {
  fromWireError,
  type WorkerMessage,
  type WorkerMethod,
  type WorkerNotification,
  type WorkerRequest,
  type WorkerRequests,
} from './worker-protocol.js';

export interface WorkerProcessHandlers {
  /** After the answers that came before it have been seen by their callers. */
  onNotification(notification: WorkerNotification): void;
  /** Once, when the process ended for whatever reason. */
  onExit(how: { code: number | null; signal: string | null }): void;
}

interface Pending {
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
  timeout: Timer;
}

/** No request takes a second; a worker that leaves one open for so long hangs and is ended. */
const ANSWER_TIMEOUT_MS = 10_000;
/** Loading the native code may take long on a busy machine. */
const START_TIMEOUT_MS = 30_000;
/** From being told to go until it is made to. */
const STOP_TIMEOUT_MS = 3_000;

/** Built code runs as .js; straight from the sources the worker needs the same loader as we. */
function entryPoint(): { path: string; execArgv: string[] } {
  const built = fileURLToPath(new URL('./worker-main.js', import.meta.url));
  if (existsSync(built)) return { path: built, execArgv: [] };
  const source = fileURLToPath(new URL('./worker-main.ts', import.meta.url));
  return { path: source, execArgv: ['--import', 'tsx'] };
}

/** A media worker as its parent sees it: requests with answers, and notifications. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #handlers: WorkerProcessHandlers;
  readonly #clock: Clock;
  readonly #pending = new Map<number, Pending>();
  readonly exited: Promise<void>;
  #lastId = 0;
  #gone = false;

  constructor(handlers: WorkerProcessHandlers, clock: Clock) {
    this.#handlers = handlers;
    this.#clock = clock;
    const { path, execArgv } = entryPoint();
    this.#child = fork(path, [], { execArgv, serialization: 'advanced' });
    this.#child.on('message', (message) => {
      this.#take(message as WorkerMessage);
    });
    this.exited = new Promise((resolve) => {
      const end = (code: number | null, signal: string | null): void => {
        if (this.#gone) return;
        this.#gone = true;
        this.#refuseAll();
        handlers.onExit({ code, signal });
        resolve();
      };
      this.#child.once('exit', end);
      this.#child.once('error', () => {
        end(null, null);
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * A worker that does not answer is killed, which fails all its requests: to its calls it is as dead as one that crashed.
   * @throws CopperlineError CL_MEDIA_WORKER_DIED (as a rejection), or what the worker answered
   */
  request<Method extends WorkerMethod>(
    method: Method,
    args: WorkerRequests[Method]['args'],
  ): Promise<WorkerRequests[Method]['result']> {
    if (this.#gone || !this.#child.connected) return Promise.reject(workerDied());
    this.#lastId += 1;
    const id = this.#lastId;
    const request = { id, method, args } as WorkerRequest;
    return new Promise((resolve, reject) => {
      const timeout = this.#clock.setTimer(
        () => this.#child.kill('SIGKILL'),
        method === 'start' ? START_TIMEOUT_MS : ANSWER_TIMEOUT_MS,
      );
      this.#pending.set(id, { resolve: resolve as (result: unknown) => void, reject, timeout });
      this.#child.send(request, (error) => {
        if (error !== null) this.#takePending(id)?.reject(workerDied());
      });
    });
  }

  /** Lets the worker close everything and go, and makes it go when it does not; resolves when it has. */
  async stop(): Promise<void> {
    if (!this.#gone && this.#child.connected) this.#child.disconnect();
    const patience = this.#clock.setTimer(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.exited;
    patience.cancel();
  }

  #take(message: WorkerMessage): void {
    if ('event' in message) {
      // A promise is continued later than an event is emitted: without this turn a notification about a
      // session would overtake the answer to the request that opened it.
      setImmediate(() => {
        this.#handlers.onNotification(message);
      });
      return;
    }
    const pending = this.#takePending(message.id);
    if (pending === undefined) return;
    if ('error' in message) pending.reject(fromWireError(message.error));
    else pending.resolve(message.result);
  }

  #takePending(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    pending?.timeout.cancel();
    this.#pending.delete(id);
    return pending;
  }

  #refuseAll(): void {
    for (const id of [...this.#pending.keys()]) this.#takePending(id)?.reject(workerDied());
  }
}

export function workerDied(): CopperlineError {
  return new CopperlineError('CL_MEDIA_WORKER_DIED', {
    sentence: 'The media worker process that carried the call ended.',
  });
}

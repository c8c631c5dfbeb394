import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
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
}

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
  readonly #pending = new Map<number, Pending>();
  readonly exited: Promise<void>;
  #lastId = 0;
  #gone = false;

  constructor(handlers: WorkerProcessHandlers) {
    this.#handlers = handlers;
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

  /** @throws CopperlineError CL_MEDIA_WORKER_DIED (as a rejection), or what the worker answered */
  request<Method extends WorkerMethod>(
    method: Method,
    args: WorkerRequests[Method]['args'],
  ): Promise<WorkerRequests[Method]['result']> {
    if (this.#gone || !this.#child.connected) return Promise.reject(workerDied());
    this.#lastId += 1;
    const id = this.#lastId;
    const request = { id, method, args } as WorkerRequest;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.#child.send(request, (error) => {
        if (error === null) return;
        this.#pending.delete(id);
        reject(workerDied());
      });
    });
  }

  /** Lets the worker close everything and go; resolves when it has. */
  async stop(): Promise<void> {
    if (!this.#gone && this.#child.connected) this.#child.disconnect();
    await this.exited;
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
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (pending === undefined) return;
    if ('error' in message) pending.reject(fromWireError(message.error));
    else pending.resolve(message.result);
  }

  #refuseAll(): void {
    for (const pending of this.#pending.values()) pending.reject(workerDied());
    this.#pending.clear();
  }
}

export function workerDied(): CopperlineError {
  return new CopperlineError('CL_MEDIA_WORKER_DIED', {
    sentence: 'The media worker process that carried the call ended.',
  });
}

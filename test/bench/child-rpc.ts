import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

interface Request {
  id: number;
  method: string;
  argument: unknown;
}

interface Reply {
  id: number;
  result?: unknown;
  error?: string;
}

/** What a child process offers: each method takes one value that survives IPC and resolves with another. */
export type Methods = Record<string, (argument: never) => unknown>;

/** In the child: answers the parent's calls, and leaves when the parent is gone. */
export function serve(methods: Methods): void {
  process.on('message', (message: Request) => {
    void answer(methods, message).then((reply) => process.send?.(reply));
  });
  process.on('disconnect', () => {
    process.exit(0);
  });
}

async function answer(methods: Methods, request: Request): Promise<Reply> {
  try {
    const method = methods[request.method];
    if (method === undefined) throw new Error(`no method ${request.method}`);
    return { id: request.id, result: await method(request.argument as never) };
  } catch (error) {
    return { id: request.id, error: error instanceof Error ? error.message : String(error) };
  }
}

/** In the parent: a forked child and its calls. */
export class Child {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (e: Error) => void }
  >();
  #lastId = 0;

  /** `module` is relative to this file. */
  constructor(module: string, environment: Record<string, string> = {}) {
    const path = fileURLToPath(new URL(module, import.meta.url));
    this.#process = fork(path, { env: { ...process.env, ...environment } });
    this.#process.on('message', (reply: Reply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if (reply.error === undefined) waiting?.resolve(reply.result);
      else waiting?.reject(new Error(`${module}: ${reply.error}`));
    });
    this.#process.on('exit', (code, signal) => {
      const error = new Error(`${module} ended (${signal ?? String(code)})`);
      for (const waiting of this.#waiting.values()) waiting.reject(error);
      this.#waiting.clear();
    });
  }

  get pid(): number {
    return this.#process.pid ?? -1;
  }

  call(method: string, argument: unknown = null): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#process.send({ id, method, argument } satisfies Request);
    });
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exited;
  }
}

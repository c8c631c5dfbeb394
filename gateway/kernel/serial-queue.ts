/** Thrown into tasks that were waiting when their queue closed. */
export class QueueClosedError extends Error {
  constructor() {
    super('The queue was closed before the task ran.');
    this.name = 'QueueClosedError';
  }
}

interface Waiting {
  run: () => Promise<void>;
  refuse: () => void;
}

/**
 * Runs asynchronous tasks one after another, in the order they came. One queue per call keeps
 * re-INVITE, hold, DTMF and hang-up from interleaving on one dialog.
 */
export class SerialQueue {
  readonly #waiting: Waiting[] = [];
  #busy = false;
  #closed = false;

  /** Tasks that wait, without the one that runs. */
  get length(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves or rejects as the task does.
   * @throws QueueClosedError (as a rejection) when the queue is or gets closed before the task starts
   */
  run<Result>(task: () => Promise<Result> | Result): Promise<Result> {
    if (this.#closed) return Promise.reject(new QueueClosedError());
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({
        run: async () => {
          try {
            resolve(await task());
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        },
        refuse: () => {
          reject(new QueueClosedError());
        },
      });
      void this.#drain();
    });
  }

  /** Refuses every waiting and later task; the running one finishes. */
  close(): void {
    this.#closed = true;
    for (const waiting of this.#waiting.splice(0)) waiting.refuse();
  }

  async #drain(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await next.run();
    }
    this.#busy = false;
  }
}

import { EventEmitter } from 'node:events';

/** Maps an event's name to the tuple of its arguments. */
export type EventMap = Record<string, unknown[]>;

type Listener<Args extends unknown[]> = (...args: Args) => void;

/** Called when a listener throws; the emitter goes on. */
export type ListenerErrorHandler = (error: unknown, event: string) => void;

/**
 * node's EventEmitter with a type for each event. Emitting is protected against listeners that throw:
 * the error goes to the handler given at construction and the other listeners still run.
 */
export class TypedEvents<Events extends EventMap> {
  readonly #emitter = new EventEmitter();
  readonly #onListenerError: ListenerErrorHandler;

  constructor(onListenerError: ListenerErrorHandler = rethrowLater) {
    this.#onListenerError = onListenerError;
    this.#emitter.setMaxListeners(0);
  }

  /** Adds a listener and returns the function that removes it. */
  on<Name extends keyof Events & string>(name: Name, listener: Listener<Events[Name]>): () => void {
    const stored = listener as (...args: unknown[]) => void;
    this.#emitter.on(name, stored);
    return () => {
      this.#emitter.off(name, stored);
    };
  }

  once<Name extends keyof Events & string>(
    name: Name,
    listener: Listener<Events[Name]>,
  ): () => void {
    const remove = this.on(name, (...args) => {
      remove();
      listener(...args);
    });
    return remove;
  }

  emit<Name extends keyof Events & string>(name: Name, ...args: Events[Name]): void {
    for (const listener of this.#emitter.listeners(name)) {
      try {
        (listener as Listener<Events[Name]>)(...args);
      } catch (error) {
        this.#onListenerError(error, name);
      }
    }
  }

  listenerCount(name: keyof Events & string): number {
    return this.#emitter.listenerCount(name);
  }

  removeAll(): void {
    this.#emitter.removeAllListeners();
  }
}

/** The default: surface the bug as an uncaught exception of its own, outside the emitting call. */
function rethrowLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/**
 * A typed face on the platform's own EventTarget: `Events` maps each event name to what its listeners get.
 * A listener that throws is reported by the platform and never stops the others.
 */
export class TypedEvents<Events extends object> {
  readonly #target = new EventTarget();
  readonly #listeners = new Map<string, number>();

  /** Calls `listener` for each event of that type until the returned function is called or `signal` aborts. */
  on<Type extends keyof Events & string>(
    type: Type,
    listener: (detail: Events[Type]) => void,
    signal?: AbortSignal,
  ): () => void {
    const handle = (event: Event): void => {
      listener((event as CustomEvent<Events[Type]>).detail);
    };
    if (signal?.aborted === true) return () => undefined;
    this.#target.addEventListener(type, handle);
    this.#count(type, 1);
    let listening = true;
    const stop = (): void => {
      if (!listening) return;
      listening = false;
      signal?.removeEventListener('abort', stop);
      this.#target.removeEventListener(type, handle);
      this.#count(type, -1);
    };
    signal?.addEventListener('abort', stop);
    return stop;
  }

  /** True when somebody would get an event of that type. */
  protected hasListeners(type: keyof Events & string): boolean {
    return (this.#listeners.get(type) ?? 0) > 0;
  }

  protected emit<Type extends keyof Events & string>(type: Type, detail: Events[Type]): void {
    this.#target.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #count(type: string, change: 1 | -1): void {
    this.#listeners.set(type, (this.#listeners.get(type) ?? 0) + change);
  }
}

/**
 * A typed face on the platform's own EventTarget: `Events` maps each event name to what its listeners get.
 * A listener that throws is reported by the platform and never stops the others.
 */
export class TypedEvents<Events extends object> {
  readonly #target = new EventTarget();

  /** Calls `listener` for each event of that type until the returned function is called or `signal` aborts. */
  on<Type extends keyof Events & string>(
    type: Type,
    listener: (detail: Events[Type]) => void,
    signal?: AbortSignal,
  ): () => void {
    const handle = (event: Event): void => {
      listener((event as CustomEvent<Events[Type]>).detail);
    };
    this.#target.addEventListener(type, handle, signal === undefined ? undefined : { signal });
    return () => {
      this.#target.removeEventListener(type, handle);
    };
  }

  protected emit<Type extends keyof Events & string>(type: Type, detail: Events[Type]): void {
    this.#target.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

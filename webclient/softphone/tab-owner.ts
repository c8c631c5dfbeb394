/** Whose phone it is: `waiting` while another tab has it, `taken` when another tab took it from us. */
export type Ownership = 'owner' | 'waiting' | 'taken';

/**
 * One tab at a time is the phone of an account, by a Web Lock. A tab that waits becomes the phone when the other one is
 * closed, or takes it over. Where there are no locks (pages that are not secure), each tab is a phone.
 */
export class TabOwner {
  readonly #name: string;
  readonly #onChange: (ownership: Ownership) => void;
  #release: (() => void) | undefined;
  #stopped = new AbortController();

  constructor(account: string, onChange: (ownership: Ownership) => void) {
    this.#name = `copperline.phone ${account}`;
    this.#onChange = onChange;
  }

  /** Asks for the phone; `owner` may be told at once or much later. */
  claim(): void {
    const locks = (navigator as { locks?: LockManager }).locks;
    if (locks === undefined) {
      this.#onChange('owner');
      return;
    }
    let granted = false;
    const mine = locks.request(this.#name, { signal: this.#stopped.signal }, () => {
      granted = true;
      return this.#own();
    });
    mine.catch(() => {
      // Stolen by another tab, or not wanted any more.
      if (granted && !this.#stopped.signal.aborted) this.#onChange('taken');
    });
    void locks.query().then(({ held }) => {
      const taken = held?.some(({ name }) => name === this.#name) ?? false;
      if (taken && !granted && !this.#stopped.signal.aborted) this.#onChange('waiting');
    });
  }

  /** Takes the phone from the tab that has it. */
  takeOver(): void {
    this.#stopped.abort();
    this.#stopped = new AbortController();
    const { signal } = this.#stopped;
    navigator.locks
      .request(this.#name, { steal: true }, () => this.#own())
      .catch(() => {
        if (!signal.aborted) this.#onChange('taken');
      });
  }

  /** The phone is free for others. */
  release(): void {
    this.#stopped.abort();
    this.#release?.();
  }

  #own(): Promise<void> {
    this.#onChange('owner');
    return new Promise((resolve) => {
      this.#release = resolve;
    });
  }
}

import { session } from './tab-storage.js';

const KEY = 'copperline.was-phone';
/** A reload takes less long. */
const RELOAD_MS = 15_000;

/** Whose phone it is: `waiting` while another tab has it, `taken` when another tab took it from us. */
export type Ownership = 'owner' | 'waiting' | 'taken';

/**
 * One tab at a time is the phone of an account, by a Web Lock. A tab that waits becomes the phone when the other one is
 * closed, or takes it over; one that is loaded again takes it back from a tab that waited. Where there are no locks (pages that are not secure), each tab is a phone.
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
    if (this.#wasPhone(Date.now())) {
      this.takeOver();
      return;
    }
    this.#queue(() => {
      this.#onChange('waiting');
    });
  }

  /** The page goes away; should it come back in a moment, it is the phone again. */
  leaving(now: number): void {
    session.set(KEY, `${now} ${this.#name}`);
  }

  #wasPhone(now: number): boolean {
    const [at = '', ...name] = (session.take(KEY) ?? '').split(' ');
    const age = now - Number(at);
    return at !== '' && age >= 0 && age < RELOAD_MS && name.join(' ') === this.#name;
  }

  /** Waits for the lock; tells when another tab has it. */
  #queue(onWaiting: () => void): void {
    const { locks } = navigator;
    const { signal } = this.#stopped;
    let granted = false;
    const mine = locks.request(this.#name, { signal }, () => {
      granted = true;
      return this.#own();
    });
    mine.catch(() => {
      // Stolen by another tab, or not wanted any more.
      if (granted && !signal.aborted) this.#taken();
    });
    void locks.query().then(({ held }) => {
      const taken = held?.some(({ name }) => name === this.#name) ?? false;
      if (taken && !granted && !signal.aborted) onWaiting();
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
        if (!signal.aborted) this.#taken();
      });
  }

  /** The phone is free for others. */
  release(): void {
    this.#stopped.abort();
    this.#release?.();
  }

  /** The phone again when the tab that took it is closed. */
  #taken(): void {
    this.#onChange('taken');
    this.#queue(() => undefined);
  }

  #own(): Promise<void> {
    this.#onChange('owner');
    return new Promise((resolve) => {
      this.#release = resolve;
    });
  }
}

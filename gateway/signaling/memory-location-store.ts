import type { Clock } from '../kernel/clock.js';
import type { Binding, LocationStore } from './location.js';

/** Bindings in this process's memory; gone after a restart, like the WebSockets they point to. */
export class MemoryLocationStore implements LocationStore {
  readonly #users = new Map<string, Map<string, Binding>>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  find(user: string): Promise<readonly Binding[]> {
    this.#dropExpired(user);
    return Promise.resolve([...(this.#users.get(user)?.values() ?? [])]);
  }

  save(binding: Binding): Promise<void> {
    const bindings = this.#users.get(binding.user) ?? new Map<string, Binding>();
    bindings.set(binding.contact, binding);
    this.#users.set(binding.user, bindings);
    return Promise.resolve();
  }

  remove(user: string, contact: string): Promise<void> {
    const bindings = this.#users.get(user);
    bindings?.delete(contact);
    if (bindings?.size === 0) this.#users.delete(user);
    return Promise.resolve();
  }

  count(): Promise<number> {
    let total = 0;
    for (const user of [...this.#users.keys()]) {
      this.#dropExpired(user);
      total += this.#users.get(user)?.size ?? 0;
    }
    return Promise.resolve(total);
  }

  #dropExpired(user: string): void {
    const bindings = this.#users.get(user);
    if (bindings === undefined) return;
    const now = this.#clock.monotonic();
    for (const [contact, binding] of bindings) {
      if (binding.expiresAt <= now) bindings.delete(contact);
    }
    if (bindings.size === 0) this.#users.delete(user);
  }
}

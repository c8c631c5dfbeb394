import type { Clock } from '../kernel/clock.js';
import type { BrowserFlow } from './browser-flows.js';
import type { Binding, LocationStore } from './location.js';
import type { Registrar } from './registrar.js';
import type { Device, UserDevices } from './user-devices.js';

/** The devices that registered here: the bindings whose WebSocket is one of ours. */
export class RegisteredDevices implements UserDevices {
  readonly #locations: LocationStore;
  readonly #clock: Clock;
  readonly #flows = new Map<string, BrowserFlow>();
  /** When a user's device was lost last, monotonic ms; users who can sign in only, so that it is bounded. */
  readonly #lostAt = new Map<string, number>();
  readonly #listeners = new Map<string, Set<(device: Device) => void>>();

  constructor(options: { registrar: Registrar; locations: LocationStore; clock: Clock }) {
    this.#locations = options.locations;
    this.#clock = options.clock;
    const { events } = options.registrar;
    events.on('registered', (binding, flow) => {
      this.#onRegistered(binding, flow);
    });
    events.on('removed', (user, _contact, how) => {
      if (how === 'lost') this.#lostAt.set(user, this.#clock.monotonic());
    });
  }

  async find(user: string): Promise<readonly Device[]> {
    const bindings = await this.#locations.find(user);
    return bindings.flatMap((binding) => {
      const flow = this.#flows.get(binding.flowId);
      return flow === undefined || flow.closed.aborted ? [] : [deviceOf(binding, flow)];
    });
  }

  onRegistered(user: string, listener: (device: Device) => void): () => void {
    const listeners = this.#listeners.get(user) ?? new Set();
    this.#listeners.set(user, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(user) === listeners)
        this.#listeners.delete(user);
    };
  }

  lostWithin(user: string, withinMs: number): boolean {
    const at = this.#lostAt.get(user);
    return at !== undefined && this.#clock.monotonic() - at <= withinMs;
  }

  #onRegistered(binding: Binding, flow: BrowserFlow): void {
    this.#lostAt.delete(binding.user);
    this.#keep(flow);
    const device = deviceOf(binding, flow);
    for (const listener of [...(this.#listeners.get(binding.user) ?? [])]) listener(device);
  }

  #keep(flow: BrowserFlow): void {
    if (this.#flows.has(flow.id) || flow.closed.aborted) return;
    this.#flows.set(flow.id, flow);
    flow.closed.addEventListener('abort', () => this.#flows.delete(flow.id), { once: true });
  }
}

function deviceOf({ user, contact, instance }: Binding, flow: BrowserFlow): Device {
  return { user, contact, instance, flow };
}

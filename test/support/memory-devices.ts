import type { BrowserFlow } from '../../gateway/signaling/browser-flows.js';
import type { Device, UserDevices } from '../../gateway/signaling/user-devices.js';

/** A signed-in browser that the test can take away. */
export class MemoryDevice implements Device {
  readonly user: string;
  readonly contact: string;
  readonly instance: string | undefined;
  readonly flow: BrowserFlow;
  readonly #socket = new AbortController();

  constructor(options: {
    user: string;
    contact: string;
    instance?: string | undefined;
    id: string;
  }) {
    this.user = options.user;
    this.contact = options.contact;
    this.instance = options.instance;
    const closed = this.#socket.signal;
    this.flow = { id: options.id, remoteAddress: '127.0.0.1', closed };
  }

  loseWebSocket(): void {
    this.#socket.abort();
  }
}

/** UserDevices without a registrar. */
export class MemoryDevices implements UserDevices {
  readonly #devices: MemoryDevice[] = [];
  readonly #listeners = new Set<{ user: string; listener: (device: Device) => void }>();
  readonly #lost = new Set<string>();

  /** Listeners that wait for a registration: 0 when nothing rings or waits. */
  get listeners(): number {
    return this.#listeners.size;
  }

  /** A browser registers; with `contact` an earlier one on a new WebSocket. */
  register(user: string, options: { contact?: string; instance?: string } = {}): MemoryDevice {
    const number = this.#devices.length + 1;
    const contact = options.contact ?? `sip:${user}${number}@b${number}.invalid;transport=ws`;
    const device = new MemoryDevice({
      ...{ user, contact, instance: options.instance, id: `device-${number}` },
    });
    this.#devices.push(device);
    this.#lost.delete(user);
    device.flow.closed.addEventListener('abort', () => this.#lost.add(user));
    for (const { user: wanted, listener } of [...this.#listeners])
      if (wanted === user) listener(device);
    return device;
  }

  /** Every WebSocket of the user closes. */
  loseAll(user: string): void {
    for (const device of this.#devices) if (device.user === user) device.loseWebSocket();
  }

  find(user: string): Promise<readonly Device[]> {
    const open = this.#devices.filter((one) => one.user === user && !one.flow.closed.aborted);
    return Promise.resolve(open);
  }

  onRegistered(user: string, listener: (device: Device) => void): () => void {
    const entry = { user, listener };
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  lostWithin(user: string): boolean {
    return this.#lost.has(user);
  }
}

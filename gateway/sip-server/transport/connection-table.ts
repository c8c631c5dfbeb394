import type { StreamFlow } from './stream-flow.js';
import type { NetworkAddress } from './transport.js';

/** Which open connection leads where. A connection that has ended is in it no more. */
export class ConnectionTable {
  readonly #flows = new Set<StreamFlow>();
  readonly #byKey = new Map<string, StreamFlow>();
  readonly #keysOf = new Map<StreamFlow, string[]>();

  get size(): number {
    return this.#flows.size;
  }

  get all(): readonly StreamFlow[] {
    return [...this.#flows];
  }

  add(flow: StreamFlow): void {
    this.#flows.add(flow);
  }

  /** Later requests to `key` take this connection; one that leads there already stays the chosen one. */
  alias(key: string, flow: StreamFlow): void {
    if (this.#byKey.has(key) || !this.#flows.has(flow)) return;
    const keys = this.#keysOf.get(flow) ?? [];
    if (keys.length >= MAX_KEYS) return;
    this.#keysOf.set(flow, [...keys, key]);
    this.#byKey.set(key, flow);
  }

  find(key: string): StreamFlow | undefined {
    return this.#byKey.get(key);
  }

  remove(flow: StreamFlow): void {
    this.#flows.delete(flow);
    for (const key of this.#keysOf.get(flow) ?? []) this.#byKey.delete(key);
    this.#keysOf.delete(flow);
  }
}

/** A peer may claim this many names for one connection. */
const MAX_KEYS = 8;

/** `name`: what the peer has proven to be, or must prove (TLS); empty for TCP. */
export function connectionKey(remote: NetworkAddress, name: string): string {
  return `${remote.host}|${remote.port}|${name.toLowerCase()}`;
}

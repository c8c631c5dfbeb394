import type { BrowserFlow, BrowserFlows } from '../signaling/browser-flows.js';

/** The open WebSockets by the address under which the SIP server reports their messages. */
export class BrowserFlowRegistry implements BrowserFlows {
  readonly #flows = new Map<string, BrowserFlow>();

  get size(): number {
    return this.#flows.size;
  }

  find(source: string): BrowserFlow | undefined {
    return this.#flows.get(source);
  }

  add(flowKey: string, flow: BrowserFlow): void {
    this.#flows.set(flowKey, flow);
  }

  /** A later flow under the same key (a reused port) stays. */
  remove(flowKey: string, flow: BrowserFlow): void {
    if (this.#flows.get(flowKey) === flow) this.#flows.delete(flowKey);
  }
}

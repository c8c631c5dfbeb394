import { Child } from '../child-rpc.js';
import { descendants } from '../process-usage.js';
import type { BenchCall, BenchEngine } from './bench-engine.js';

/** An engine of Copperline's own: one process that asks for calls, as the gateway does, and its media worker. */
export class WorkerEngine implements BenchEngine {
  readonly name: 'relay' | 'wrtc';
  readonly ringing: BenchEngine['ringing'];
  #host: Child | undefined;

  constructor(name: 'relay' | 'wrtc') {
    this.name = name;
    if (name === 'relay')
      this.ringing = {
        ring: async (call) => String(await this.#host?.call('ring', call)),
        pickUp: async (call) => {
          await this.#host?.call('pickUp', call);
        },
      };
  }

  async start(): Promise<void> {
    this.#host = new Child('./media/worker-host.ts');
    await this.#host.call('start', this.name);
  }

  /** The workers and the process that owns them: both are the engine. */
  pids(): number[] {
    const pid = this.#host?.pid;
    return pid === undefined ? [] : [pid, ...descendants(pid)];
  }

  async openCall(call: BenchCall): Promise<string> {
    return String(await this.#host?.call('open', call));
  }

  /** @throws Error when a session or a port is left open */
  async closeCalls(): Promise<void> {
    await this.#host?.call('closeCalls');
  }

  async stop(): Promise<void> {
    await this.#host?.call('close');
    await this.#host?.stop();
  }
}

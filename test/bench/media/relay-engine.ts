import { Child } from '../child-rpc.js';
import { descendants } from '../process-usage.js';
import type { BenchCall, BenchEngine } from './bench-engine.js';

/** Copperline's relay: one process that asks for calls, as the gateway does, and its media workers. */
export class RelayEngine implements BenchEngine {
  readonly name = 'relay';
  #host: Child | undefined;

  async start(): Promise<void> {
    this.#host = new Child('./media/relay-host.ts');
    await this.#host.call('start');
  }

  /** The workers and the process that owns them: both are the engine. */
  pids(): number[] {
    const pid = this.#host?.pid;
    return pid === undefined ? [] : [pid, ...descendants(pid)];
  }

  async openCall(call: BenchCall): Promise<string> {
    return String(await this.#host?.call('open', call));
  }

  readonly ringing = {
    ring: async (call: BenchCall): Promise<string> => String(await this.#host?.call('ring', call)),
    pickUp: async (call: BenchCall): Promise<void> => {
      await this.#host?.call('pickUp', call);
    },
  };

  /** @throws Error when a session or a port is left open */
  async closeCalls(): Promise<void> {
    await this.#host?.call('closeCalls');
  }

  async stop(): Promise<void> {
    await this.#host?.call('close');
    await this.#host?.stop();
  }
}

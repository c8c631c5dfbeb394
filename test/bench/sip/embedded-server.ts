import { Child } from '../child-rpc.js';
import type { ServerPorts, ServerReport, ServerUnderTest } from './server-under-test.js';

export class EmbeddedServer implements ServerUnderTest {
  readonly name = 'embedded';
  #host: Child | undefined;

  get pid(): number {
    return this.#host?.pid ?? -1;
  }

  async start(): Promise<ServerPorts> {
    this.#host = new Child('./sip/embedded-host.ts');
    return (await this.#host.call('start')) as ServerPorts;
  }

  async idle(): Promise<void> {
    await this.#host?.call('idle');
  }

  async report(): Promise<ServerReport> {
    return (await this.#host?.call('report')) as ServerReport;
  }

  async stop(): Promise<void> {
    await this.#host?.stop();
  }
}

import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Child } from '../child-rpc.js';
import { FreePorts } from '../free-ports.js';
import { usage } from '../process-usage.js';
import type { ServerPorts, ServerUnderTest } from './server-under-test.js';
import { SippProcess } from './sipp-process.js';

const CALLEE = fileURLToPath(new URL('./callee.xml', import.meta.url));
/** Beyond what the calls themselves take. */
const PATIENCE_MS = 40_000;
const LOOK_MS = 100;

export interface Load {
  callsPerSecond: number;
  calls: number;
  /** From the ACK to the BYE. */
  holdMs: number;
}

export interface LoadResult {
  succeeded: number;
  /** Of any message at any of the four ends. */
  retransmissions: number;
  seconds: number;
  serverCpuSeconds: number;
  applicationCpuSeconds: number;
  answerTimesMs: number[];
}

/** What the application says. */
interface Counts {
  bridged: number;
  failures: number;
  lastFailure: string;
}

/** caller (sipp) <-> server under test with its drachtio-srf application <-> callee (sipp); each is a process. */
export class SipRig {
  readonly server: ServerUnderTest;
  readonly #application: Child;
  readonly #ports: ServerPorts;
  readonly #free: FreePorts;
  readonly #callee: number;

  private constructor(parts: {
    server: ServerUnderTest;
    application: Child;
    ports: ServerPorts;
    free: FreePorts;
    callee: number;
  }) {
    this.server = parts.server;
    this.#application = parts.application;
    this.#ports = parts.ports;
    this.#free = parts.free;
    this.#callee = parts.callee;
  }

  static async start(server: ServerUnderTest): Promise<SipRig> {
    const free = new FreePorts();
    const ports = await server.start(free);
    const callee = await free.take();
    const application = new Child('./sip/application-host.ts');
    await application.call('start', { ...ports, callee });
    return new SipRig({ server, application, ports, free, callee });
  }

  get websocketUrl(): string {
    return `ws://127.0.0.1:${this.#ports.websocket}`;
  }

  /** @throws Error when the calls are not over in time */
  async run(load: Load): Promise<LoadResult> {
    const callee = this.#startCallee();
    const caller = await this.#startCaller(load);
    const before = this.#cpu();
    const begun = performance.now();
    try {
      const limit = (load.calls / load.callsPerSecond) * 1000 + load.holdMs + PATIENCE_MS;
      await this.#within(limit, caller.ended);
      const seconds = (performance.now() - begun) / 1000;
      const after = this.#cpu();
      // It counts on until its next line of statistics.
      callee.finish();
      await this.#within(PATIENCE_MS, callee.ended);
      return {
        succeeded: caller.successes(),
        retransmissions: caller.retransmissions() + callee.retransmissions(),
        seconds,
        serverCpuSeconds: after.server - before.server,
        applicationCpuSeconds: after.application - before.application,
        answerTimesMs: caller.answerTimes(),
      };
    } finally {
      await caller.stop();
      await callee.stop();
    }
  }

  /** Sets up calls that stay; resolves when all are answered. Nobody speaks in them until {@link stop}. */
  async hold(load: Omit<Load, 'holdMs'>): Promise<() => Promise<void>> {
    const callee = this.#startCallee();
    const caller = await this.#startCaller({ ...load, holdMs: 3_600_000 });
    const release = async (): Promise<void> => {
      await caller.stop();
      await callee.stop();
    };
    const { bridged: before } = await this.#counts();
    const limit = AbortSignal.timeout((load.calls / load.callsPerSecond) * 1000 + PATIENCE_MS);
    for (let up = 0; up < load.calls; up = (await this.#counts()).bridged - before) {
      if (limit.aborted) {
        await release();
        throw new Error(`only ${up} of ${load.calls} calls were answered`);
      }
      await pause(LOOK_MS);
    }
    return release;
  }

  /** A sentence on the calls that the application could not bridge; empty when it could. */
  async failures(): Promise<string> {
    const { failures, lastFailure } = await this.#counts();
    return failures === 0 ? '' : `${failures} bridges failed, the last with "${lastFailure}"`;
  }

  async stop(): Promise<void> {
    await this.#application.stop();
    await this.server.stop();
  }

  #cpu(): { server: number; application: number } {
    return {
      server: usage([this.server.pid]).cpuSeconds,
      application: usage([this.#application.pid]).cpuSeconds,
    };
  }

  async #counts(): Promise<Counts> {
    return (await this.#application.call('counts')) as Counts;
  }

  #startCallee(): SippProcess {
    return new SippProcess(this.#callee, ['-sf', CALLEE]);
  }

  async #startCaller({ calls, callsPerSecond, holdMs }: Load): Promise<SippProcess> {
    return new SippProcess(await this.#free.take(), [
      ...['-sn', 'uac', '-s', 'callee', '-d', String(holdMs), '-l', String(calls)],
      ...['-r', String(callsPerSecond), '-m', String(calls)],
      `127.0.0.1:${this.#ports.udp}`,
    ]);
  }

  async #within<T>(ms: number, what: Promise<T>): Promise<T> {
    const late = new Promise<never>((_resolve, reject) => {
      AbortSignal.timeout(ms).addEventListener('abort', () => {
        reject(new Error('sipp does not end'));
      });
    });
    late.catch(() => undefined);
    return Promise.race([what, late]);
  }
}

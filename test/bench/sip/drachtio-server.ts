import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { FreePorts } from '../free-ports.js';
import { usage } from '../process-usage.js';
import type { ServerPorts, ServerReport, ServerUnderTest } from './server-under-test.js';

const START_PATIENCE_MS = 10_000;
const LOOK_MS = 50;
/** Timers J and H (RFC 3261 section 17) last 32 s; nobody can ask this server whether they are over. */
const IDLE_MS = 35_000;

/** The drachtio-server whose executable `DRACHTIO_BINARY` names, started for the benchmark on ports of its own. */
export class DrachtioServer implements ServerUnderTest {
  readonly name = 'drachtio';
  readonly #binary: string;
  #process: ChildProcess | undefined;
  #folder = '';

  constructor(binary: string) {
    this.#binary = binary;
  }

  get pid(): number {
    return this.#process?.pid ?? -1;
  }

  async start(free: FreePorts): Promise<ServerPorts> {
    const secret = 'bench';
    const [udp, websocket, application] = [
      await free.take(),
      await freeTcpPort(),
      await freeTcpPort(),
    ];
    const ports = { udp, websocket, application, secret };
    this.#folder = mkdtempSync(join(tmpdir(), 'copperline-drachtio-'));
    const file = join(this.#folder, 'drachtio.conf.xml');
    writeFileSync(file, configuration(ports));
    const child = spawn(this.#binary, ['--file', file, '--stdout'], { stdio: 'ignore' });
    this.#process = child;
    for (const port of [application, websocket]) await this.#listening(child, port);
    return ports;
  }

  async idle(): Promise<void> {
    await pause(IDLE_MS);
  }

  report(): Promise<ServerReport> {
    return Promise.resolve({ residentMb: usage([this.pid]).residentMb });
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #listening(child: ChildProcess, port: number): Promise<void> {
    const deadline = performance.now() + START_PATIENCE_MS;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`${this.#binary} ended at once`);
      const socket = connect(port, '127.0.0.1');
      const open = await once(socket, 'connect').then(
        () => true,
        () => false,
      );
      socket.destroy();
      if (open) return;
      if (performance.now() > deadline) throw new Error(`${this.#binary} does not listen`);
      // Another program's socket: it gives no event when it opens.
      await pause(LOOK_MS);
    }
  }
}

/** The kernel does not give it out again soon. */
async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function configuration({ udp, websocket, application, secret }: ServerPorts): string {
  return `<drachtio>
  <admin port="${application}" secret="${secret}">127.0.0.1</admin>
  <sip>
    <contacts>
      <contact>sip:127.0.0.1:${udp};transport=udp</contact>
      <contact>sip:127.0.0.1:${websocket};transport=ws</contact>
    </contacts>
  </sip>
  <logging>
    <console/>
    <loglevel>error</loglevel>
    <sofia-loglevel>0</sofia-loglevel>
  </logging>
</drachtio>
`;
}

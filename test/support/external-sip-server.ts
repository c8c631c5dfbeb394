import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { SipServerCounts } from '../../gateway/sip-server/server-options.js';

/** `sip.server.drachtio` of a configuration. */
export interface DrachtioSettings {
  host: string;
  port: number;
  secret: string;
  websocket: string;
}

interface SipServerPorts {
  udp: number;
  websocket: number;
  application: number;
}

/** What the child process is told. Port 0 takes a free one. */
export type SipServerOrder =
  { kind: 'start'; secret: string; ports: SipServerPorts } | { kind: 'report' };

export interface SipServerReport {
  ports: SipServerPorts;
  counts: SipServerCounts;
}

/** A SIP server outside of the gateway. */
export interface ExternalSipServer {
  readonly settings: DrachtioSettings;
  /** Undefined when the server cannot be asked. */
  counts(): Promise<SipServerCounts | undefined>;
  close(): Promise<void>;
}

/** One whose life is in the hands of a test. */
export interface RestartableSipServer extends ExternalSipServer {
  readonly running: boolean;
  /** The process ends at once, as by a crash: no BYE, no close frame. */
  kill(): Promise<void>;
  /** Starts it again on the same ports. */
  restart(): Promise<void>;
}

/**
 * The drachtio-server that `DRACHTIO_HOST` names (with `DRACHTIO_PORT`, `DRACHTIO_SECRET` and `DRACHTIO_WS`, its
 * WebSocket contact as a URL); without it a stand-in.
 */
export async function openExternalSipServer(): Promise<ExternalSipServer> {
  const settings = namedServer();
  if (settings === undefined) return StandInSipServer.start();
  return {
    settings,
    counts: () => Promise.resolve(undefined),
    close: () => Promise.resolve(),
  };
}

/**
 * As {@link openExternalSipServer}, but started by the test: by the command of `DRACHTIO_COMMAND`, which must lead to
 * the server that `DRACHTIO_HOST` and so on name; without it a stand-in.
 */
export async function startExternalSipServer(): Promise<RestartableSipServer> {
  const { DRACHTIO_COMMAND: command } = process.env;
  const settings = namedServer();
  if (command === undefined || settings === undefined) return StandInSipServer.start();
  const server = new CommandedSipServer(command, settings);
  await server.restart();
  return server;
}

function namedServer(): DrachtioSettings | undefined {
  const {
    DRACHTIO_HOST: host,
    DRACHTIO_PORT: port = '9022',
    DRACHTIO_SECRET: secret = 'cymru',
    DRACHTIO_WS: websocket,
  } = process.env;
  if (host === undefined) return undefined;
  if (websocket === undefined) throw new Error('DRACHTIO_HOST is set, but DRACHTIO_WS is not.');
  return { host, port: Number(port), secret, websocket };
}

/** A drachtio-server that a command line starts; its ports are those of its own configuration. */
class CommandedSipServer implements RestartableSipServer {
  readonly settings: DrachtioSettings;
  readonly #command: string;
  #child: ChildProcess | undefined;

  constructor(command: string, settings: DrachtioSettings) {
    this.#command = command;
    this.settings = settings;
  }

  get running(): boolean {
    return this.#child !== undefined;
  }

  async restart(): Promise<void> {
    this.#child = spawn('sh', ['-c', `exec ${this.#command}`], { stdio: 'ignore' });
    const websocket = new URL(this.settings.websocket);
    await untilListening(this.settings.host, this.settings.port);
    await untilListening(websocket.hostname, Number(websocket.port));
  }

  kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    return killAndWait(child);
  }

  counts(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  close(): Promise<void> {
    return this.kill();
  }
}

async function untilListening(host: string, port: number): Promise<void> {
  const deadline = AbortSignal.timeout(10_000);
  for (;;) {
    deadline.throwIfAborted();
    const socket = connect(port, host);
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return;
    // Another program's socket: it gives no event when it opens.
    await pause(50);
  }
}

async function killAndWait(child: ChildProcess | undefined): Promise<void> {
  if (child?.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** The embedded SIP server in a process of its own, which can be killed and started again on the same ports. */
class StandInSipServer implements RestartableSipServer {
  static readonly #secret = 'stand-in-secret';
  #child: ChildProcess | undefined;
  #ports: SipServerPorts = { udp: 0, websocket: 0, application: 0 };

  static async start(): Promise<StandInSipServer> {
    const server = new StandInSipServer();
    await server.restart();
    return server;
  }

  get settings(): DrachtioSettings {
    return {
      host: '127.0.0.1',
      port: this.#ports.application,
      secret: StandInSipServer.#secret,
      websocket: `ws://127.0.0.1:${this.#ports.websocket}`,
    };
  }

  get running(): boolean {
    return this.#child !== undefined;
  }

  async restart(): Promise<void> {
    const path = fileURLToPath(new URL('./sip-server-child.ts', import.meta.url));
    this.#child = fork(path, [], { execArgv: ['--import', 'tsx'] });
    const secret = StandInSipServer.#secret;
    this.#ports = (await this.#ask({ kind: 'start', secret, ports: this.#ports })).ports;
  }

  kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    return killAndWait(child);
  }

  async counts(): Promise<SipServerCounts> {
    return (await this.#ask({ kind: 'report' })).counts;
  }

  close(): Promise<void> {
    return this.kill();
  }

  async #ask(order: SipServerOrder): Promise<SipServerReport> {
    if (this.#child === undefined) throw new Error('The SIP server does not run.');
    const child = this.#child;
    const stop = new AbortController();
    const answered = once(child, 'message', { signal: stop.signal });
    const exited = once(child, 'exit', { signal: stop.signal }).then(() => {
      throw new Error('The SIP server ended.');
    });
    child.send(order);
    try {
      const [report] = (await Promise.race([answered, exited])) as [SipServerReport];
      return report;
    } finally {
      answered.catch(() => undefined);
      exited.catch(() => undefined);
      stop.abort();
    }
  }
}

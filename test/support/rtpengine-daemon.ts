import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { systemClock } from '../../gateway/kernel/clock.js';
import { NgClient } from '../../gateway/media/rtpengine/ng-client.js';
import { freeUdpPort } from './gateway-port.js';

const BINARY = '/usr/bin/rtpengine';

/** Why tests with a real rtpengine cannot run here; undefined when they can. In CI they must. */
export function rtpengineMissing(): string | undefined {
  if (existsSync(BINARY) || process.env['CI'] === 'true') return undefined;
  return `${BINARY} is not installed (Debian package rtpengine-daemon)`;
}

/** Of the port for commands: below those that the kernel hands out, and apart from where other test files begin to look. */
const COMMAND_PORTS = { first: 20_000, count: 7_500 };
const ATTEMPTS = 5;

/** UDP ports where it tells what happens. */
interface ToldPorts {
  digits: number;
  reports: number | undefined;
}

/** A real rtpengine in user space on loopback, with ports that nobody else has. */
export class RtpengineDaemon {
  readonly port: number;
  readonly #args: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(port: number, { digits, reports }: ToldPorts) {
    this.port = port;
    const first = 28_000 + Math.floor(Math.random() * 10) * 190;
    this.#args = [
      '--config-file=none',
      '--table=-1',
      '--interface=127.0.0.1',
      `--listen-ng=127.0.0.1:${port}`,
      `--dtmf-log-dest=127.0.0.1:${digits}`,
      ...(reports === undefined
        ? []
        : [`--homer=127.0.0.1:${reports}`, '--homer-protocol=udp', '--homer-id=1']),
      `--port-min=${first}`,
      `--port-max=${first + 180}`,
      '--foreground',
      '--log-stderr',
      '--log-level=3',
      '--no-redis-required',
      '--dtls-passive',
    ];
  }

  /** @param reports where it tells the RTCP of the legs; default nowhere */
  static async start(digits: number, reports?: number): Promise<RtpengineDaemon> {
    for (let attempt = 1; ; attempt += 1) {
      const port = COMMAND_PORTS.first + Math.floor(Math.random() * COMMAND_PORTS.count);
      const daemon = new RtpengineDaemon(port, { digits, reports });
      try {
        await daemon.up();
        return daemon;
      } catch (error) {
        // Somebody else has the port.
        await daemon.stop('SIGKILL');
        if (attempt === ATTEMPTS) throw error;
      }
    }
  }

  static freePort(): Promise<number> {
    return freeUdpPort();
  }

  /** Starts it (again) on the same port; resolves when it answers. */
  async up(): Promise<void> {
    const daemon = spawn(BINARY, this.#args, { stdio: 'ignore' });
    this.#process = daemon;
    await once(daemon, 'spawn');
    const address = { host: '127.0.0.1', port: this.port };
    const client = new NgClient({ address, timeoutMs: 20_000, clock: systemClock });
    const exited = once(daemon, 'exit').then(() => {
      throw new Error('rtpengine ended before it answered');
    });
    try {
      await Promise.race([client.request('ping'), exited]);
    } finally {
      exited.catch(() => undefined);
      client.close();
    }
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const daemon = this.#process;
    this.#process = undefined;
    if (daemon === undefined || daemon.exitCode !== null) return;
    const exited = once(daemon, 'exit');
    daemon.kill(signal);
    await exited;
  }
}

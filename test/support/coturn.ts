import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../gateway/kernel/secret.js';
import type { TurnSettings } from '../../gateway/web/turn-credentials.js';
import { freeUdpPort } from './gateway-port.js';

const PROGRAM = '/usr/bin/turnserver';
const SECRET = 'a secret of both';

/** A real coturn on loopback, UDP only, whose credentials are made by the shared secret. */
export class Coturn {
  static readonly installed = existsSync(PROGRAM);
  /** As `web.turn` has them. */
  readonly settings: TurnSettings;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(parts: { port: number; process: ChildProcess; folder: string }) {
    const urls = [`turn:127.0.0.1:${parts.port}?transport=udp`];
    this.settings = { urls, secret: new Secret(SECRET), ttlSeconds: 60 };
    this.#process = parts.process;
    this.#folder = parts.folder;
  }

  /** Resolves when it listens. */
  static async start(): Promise<Coturn> {
    const folder = await mkdtemp(join(tmpdir(), 'copperline-turn-'));
    const port = await freeUdpPort();
    return new Coturn({ port, folder, process: await startProcess(port, folder) });
  }

  async close(): Promise<void> {
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function startProcess(port: number, folder: string): Promise<ChildProcess> {
  const child = spawn(
    PROGRAM,
    [
      ...['-n', '--use-auth-secret', `--static-auth-secret=${SECRET}`, '--realm=test'],
      ...['--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${port}`],
      ...['--no-tls', '--no-dtls', '--no-cli', '--allow-loopback-peers', '--log-file=stdout'],
      ...[`--pidfile=${join(folder, 'pid')}`, `--userdb=${join(folder, 'db')}`],
    ],
    { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  let printed = '';
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => {
      reject(new Error(`coturn ended: ${printed.slice(-500)}`));
    });
    child.stdout.on('data', (data: Buffer) => {
      printed += data.toString();
      // Its last line before it serves.
      if (printed.includes('DB connection success')) resolve();
    });
  });
  return child;
}

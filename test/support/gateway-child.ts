import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { ConfigInput } from '../../gateway/config/schema.js';
import type { Cdr } from './gateway-world.js';

/** The gateway in a process of its own, started with a file as an operator starts it. */
export class GatewayChild {
  stdout = '';
  stderr = '';
  readonly #folder = mkdtempSync(join(tmpdir(), 'copperline-child-'));
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown[]>;

  constructor(config: ConfigInput) {
    const file = join(this.#folder, 'copperline.yaml');
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ ...config, cdr: { file: 'cdr.jsonl' } }));
    const cli = fileURLToPath(new URL('./gateway-cli.ts', import.meta.url));
    this.#process = spawn(process.execPath, ['--import', 'tsx', cli, 'start', file], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#exited = once(this.#process, 'close');
    this.#process.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.#process.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
  }

  /** The page's address, once it is ready. */
  async url(): Promise<string> {
    const ready = (): string | undefined => /ready: (\S+)/.exec(this.stdout)?.[1];
    await expect.poll(ready, { timeout: 15_000 }).toBeDefined();
    return ready() ?? '';
  }

  signal(name: 'SIGTERM' | 'SIGINT'): void {
    this.#process.kill(name);
  }

  /** Its exit code; null when a signal ended it. */
  async exit(): Promise<number | null> {
    const [code] = await this.#exited;
    return code as number | null;
  }

  cdrs(): Cdr[] {
    const lines = readFileSync(join(this.#folder, 'cdr.jsonl'), 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Cdr);
  }

  /** Kills it when it still runs. */
  async remove(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGKILL');
      await this.#exited;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

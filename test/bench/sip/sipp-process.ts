import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A row of sipp's statistics, by the names of its columns. */
type Row = ReadonlyMap<string, string>;

/** One sipp, and what it counts. */
export class SippProcess {
  readonly #process: ChildProcess;
  readonly #folder: string;
  /** Resolves with sipp's exit code: 0 when all its calls succeeded. */
  readonly ended: Promise<number>;

  static isInstalled(): boolean {
    return spawnSync('sipp', ['-v'], { stdio: 'ignore' }).error === undefined;
  }

  constructor(port: number, args: readonly string[]) {
    this.#folder = mkdtempSync(join(tmpdir(), 'copperline-sipp-'));
    const common = ['-i', '127.0.0.1', '-p', String(port), '-nostdin', '-buff_size', '4194304'];
    const traces = ['-trace_counts', '-trace_stat', '-fd', '1', '-trace_rtt', '-rtt_freq', '1'];
    this.#process = spawn('sipp', [...args, ...common, ...traces], {
      cwd: this.#folder,
      env: { ...process.env, TERM: 'dumb' },
      stdio: 'ignore',
    });
    this.ended = once(this.#process, 'close').then(([code]) => Number(code ?? -1));
  }

  get pid(): number {
    return this.#process.pid ?? -1;
  }

  /** Messages that were sent or received a second time, whoever is to blame. */
  retransmissions(): number {
    let sum = 0;
    for (const [name, value] of this.#last('_counts.csv'))
      if (name.endsWith('_Retrans')) sum += Number(value);
    return sum;
  }

  successes(): number {
    return Number(this.#last('_.csv').get('SuccessfulCall(C)') ?? 0);
  }

  /** From each INVITE to its 200, ms. */
  answerTimes(): number[] {
    const [, ...lines] = this.#read('_rtt.csv').split('\n');
    return lines.map((line) => Number(line.split(';')[1])).filter(Number.isFinite);
  }

  /** Ends by itself when the calls under way are over. */
  finish(): void {
    this.#process.kill('SIGUSR1');
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #last(suffix: string): Row {
    const lines = this.#read(suffix).trim().split('\n');
    const names = lines[0]?.split(';') ?? [];
    const values = lines.at(-1)?.split(';') ?? [];
    return new Map(names.map((name, column) => [name, values[column] ?? '']));
  }

  #read(suffix: string): string {
    const name = readdirSync(this.#folder).find((file) => file.endsWith(suffix));
    return name === undefined ? '' : readFileSync(join(this.#folder, name), 'utf8');
  }
}

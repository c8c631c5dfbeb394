import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runSipp, type SippRun } from './sipp.js';

/** sipp as the carrier of one call, which may wait for the test on its way (`waitsForTest()` of a scenario). */
export class SippCarrier {
  readonly port: number;
  /** As that of a SippRun. */
  readonly done: Promise<string>;
  readonly #folder: string;
  #places = 0;
  #nudges = 0;
  #failure: unknown;

  private constructor({ port, done }: SippRun, folder: string) {
    this.port = port;
    this.#folder = folder;
    this.done = done.finally(() => {
      rmSync(folder, { recursive: true, force: true });
    });
    this.done.catch((error: unknown) => {
      this.#failure = error;
    });
  }

  static async start(scenario: string): Promise<SippCarrier> {
    const folder = mkdtempSync(join(tmpdir(), 'sipp-carrier-'));
    const file = join(folder, 'scenario.xml');
    writeFileSync(file, scenario);
    const log = ['-trace_logs', '-log_file', logIn(folder)];
    return new SippCarrier(await runSipp(1, ['-sf', file, ...log]), folder);
  }

  /** Resolves when sipp has come to the next place of its scenario that tells the test. */
  async arrives(): Promise<void> {
    this.#places += 1;
    await this.#logged(/^here/gm, this.#places);
  }

  /** Lets sipp go on where its scenario waits for the test, as soon as it has come there. */
  async goOn(): Promise<void> {
    await this.arrives();
    await this.nudge();
  }

  /** Lets sipp go on; it MUST be where its scenario waits for the test. */
  async nudge(): Promise<void> {
    const [call = ''] = await this.#logged(/^call \S+/gm, 1);
    const callId = call.slice('call '.length);
    this.#nudges += 1;
    const lines = [
      `MESSAGE sip:sipp@127.0.0.1:${this.port} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKnudge${this.#nudges}`,
      'From: <sip:test@127.0.0.1>;tag=test',
      'To: <sip:sipp@127.0.0.1>',
      `Call-ID: ${callId}`,
      `CSeq: ${this.#nudges} MESSAGE`,
      'Content-Length: 0',
    ];
    const socket = createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      socket.send(`${lines.join('\r\n')}\r\n\r\n`, this.port, '127.0.0.1', (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
    socket.close();
  }

  /** What sipp has written, once it is there so often. */
  async #logged(pattern: RegExp, times: number): Promise<string[]> {
    const read = (): string[] => {
      if (this.#failure !== undefined) throw this.#failure as Error;
      const file = logIn(this.#folder);
      return existsSync(file) ? (readFileSync(file, 'utf8').match(pattern) ?? []) : [];
    };
    await expect.poll(() => read().length, { timeout: 10_000 }).toBeGreaterThanOrEqual(times);
    return read();
  }
}

function logIn(folder: string): string {
  return join(folder, 'calls.log');
}

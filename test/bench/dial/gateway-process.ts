import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FreePorts } from '../free-ports.js';
import type { BrowserAccount } from './dialling-browser.js';

const START_PATIENCE_MS = 30_000;

/** The gateway in a process of its own, configured for one user and one trunk. */
export class GatewayProcess {
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string) {
    this.#process = child;
    this.#folder = folder;
  }

  static async start(
    account: BrowserAccount,
    carrierPort: number,
  ): Promise<{ gateway: GatewayProcess; url: string }> {
    const folder = mkdtempSync(join(tmpdir(), 'copperline-bench-'));
    const file = join(folder, 'copperline.yaml');
    // JSON is YAML.
    writeFileSync(file, JSON.stringify(await configuration(account, carrierPort), null, 2));
    const host = fileURLToPath(new URL('./gateway-host.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', host, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const gateway = new GatewayProcess(child, folder);
    try {
      return { gateway, url: await readyUrl(child) };
    } catch (error) {
      await gateway.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const exited = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      await exited;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const patience = setTimeout(() => {
      reject(new Error(`the gateway did not start: ${output}`));
    }, START_PATIENCE_MS);
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const url = /ready: (\S+)/.exec(output)?.[1];
      if (url === undefined) return;
      clearTimeout(patience);
      resolve(url);
    });
    child.once('exit', () => {
      clearTimeout(patience);
      reject(new Error(`the gateway ended: ${output}`));
    });
  });
}

async function configuration(account: BrowserAccount, carrierPort: number): Promise<unknown> {
  const port = await new FreePorts().take();
  return {
    web: { port: 0, messagesPerSecond: 10_000 },
    sip: { domain: account.domain, server: { embedded: { udp: { port } } } },
    media: { relay: { workers: 1, browser: { port: 0 } } },
    users: [{ name: account.username, password: account.password, callerId: '+493012345678' }],
    trunks: [{ name: 'carrier', host: '127.0.0.1', port: carrierPort, codecs: ['pcmu', 'pcma'] }],
    dialplan: { country: 'DE', routes: [{ name: 'all', prefix: '+', trunks: ['carrier'] }] },
    log: { level: 'warn' },
  };
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TestAuthority } from '../../support/sip/certificates.js';
import { openTcp, openTls, optionsText } from '../../support/sip/stream-client.js';
import { connectSrf } from '../../support/srf-wire.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const RUN = `import('${join(root, 'gateway/sip-server/standalone.ts')}')
  .then(async ({ runSipServer }) => { process.exitCode = await runSipServer(process.argv.slice(1)); })`;

class Standalone {
  readonly #child: ChildProcess;
  readonly ended: Promise<number>;
  out = '';
  err = '';

  constructor(line: string) {
    const args = ['--import', 'tsx', '--input-type=module', '-e', RUN, '--', ...line.split(' ')];
    this.#child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.out += chunk.toString()));
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.err += chunk.toString()));
    this.ended = once(this.#child, 'close').then(([code]) => code as number);
  }

  /** Resolves once the server said that it is ready. */
  async ready(): Promise<void> {
    while (!this.out.includes('applications at')) {
      const said = once(this.#child.stdout!, 'data');
      const code = await Promise.race([said, this.ended]);
      if (typeof code === 'number') throw new Error(`ended with ${code}: ${this.err}`);
    }
  }

  port(what: RegExp): number {
    return Number(what.exec(this.out)?.[1]);
  }

  async logs(what: string): Promise<void> {
    while (!this.err.includes(what)) await once(this.#child.stderr!, 'data');
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }
}

let authority: TestAuthority;
const running: Standalone[] = [];
beforeAll(() => {
  authority = new TestAuthority();
});
afterAll(() => {
  authority.remove();
});
afterEach(async () => {
  for (const server of running.splice(0)) {
    server.signal('SIGKILL');
    await server.ended;
  }
});

function run(line: string): Standalone {
  const server = new Standalone(line);
  running.push(server);
  return server;
}

describe('the SIP server as a process of its own', () => {
  it('serves an application over several transports and ends on SIGTERM', async () => {
    const server = run(
      '--contact sip:127.0.0.1:0;transport=udp,tcp --contact sip:[::1]:0;transport=ws --port 0 --secret x',
    );
    await server.ready();
    expect(server.out).toMatch(
      /^The SIP server is ready\.\n {2}udp\/127\.0\.0\.1:\d+\n {2}tcp\/127\.0\.0\.1:\d+\n {2}ws\/\[::1\]:\d+\n/,
    );
    const application = { host: '127.0.0.1', port: server.port(/applications at .*:(\d+)/) };
    await expect(connectSrf({ ...application, secret: 'wrong' })).rejects.toThrow();
    const { srf } = await connectSrf({ ...application, secret: 'x' });
    srf.options((_req, res) => {
      res.send(200);
    });
    // Frames are handled in order; this one is refused.
    await srf.request('nowhere:', { method: 'OPTIONS' }).catch(() => undefined);
    const client = await openTcp({
      host: '127.0.0.1',
      port: server.port(/tcp\/127\.0\.0\.1:(\d+)/),
    });
    client.write(optionsText());
    expect(await client.until(/\r\n\r\n/)).toMatch(/^SIP\/2\.0 200 /);
    srf.disconnect();
    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);
    await client.gone;
  });

  it('reads its certificates again on SIGHUP', async () => {
    const live = {
      cert: join(authority.folder, 'live.pem'),
      key: join(authority.folder, 'live.key'),
    };
    const install = (name: string): void => {
      const { certFile, keyFile } = authority.issue('IP:127.0.0.1', name);
      copyFileSync(certFile, live.cert);
      copyFileSync(keyFile, live.key);
    };
    install('old');
    const secret = join(authority.folder, 'secret');
    writeFileSync(secret, 'from-a-file\n');
    const server = run(
      `--contact sip:127.0.0.1:0;transport=tls --port 0 --secret-file ${secret} --tls-cert ${live.cert} --tls-key ${live.key}`,
    );
    await server.ready();
    const shown = async (): Promise<string> => {
      const place = { host: '127.0.0.1', port: server.port(/tls\/127\.0\.0\.1:(\d+)/) };
      const client = await openTls(place, { ca: authority.ca });
      const { CN } = (client.socket as unknown as TLSSocket).getPeerCertificate().subject;
      await client.close();
      return String(CN);
    };
    expect(await shown()).toBe('old');
    install('new');
    server.signal('SIGHUP');
    await server.logs('read again');
    expect(await shown()).toBe('new');
    const { srf } = await connectSrf({
      host: '127.0.0.1',
      port: server.port(/applications at .*:(\d+)/),
      secret: 'from-a-file',
    });
    srf.disconnect();
    server.signal('SIGINT');
    expect(await server.ended).toBe(0);
  });

  it('says in one sentence that a port is taken, and what it did not understand', async () => {
    const first = run('--contact sip:127.0.0.1:0;transport=tcp --port 0 --secret x');
    await first.ready();
    const port = first.port(/tcp\/127\.0\.0\.1:(\d+)/);
    const second = run(`--contact sip:127.0.0.1:${port};transport=tcp --port 0 --secret x`);
    expect(await second.ended).toBe(1);
    expect(second.err).toBe(
      `The TCP address 127.0.0.1:${port} for SIP is taken by another program.\n`,
    );
    const third = run('--contact sip:127.0.0.1');
    expect(await third.ended).toBe(2);
    expect(third.err).toMatch(
      /^Either --secret or --secret-file is needed\.\n\nnpm run sip-server/,
    );
  });
});

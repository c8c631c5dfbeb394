import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface PeerCertificate {
  certFile: string;
  keyFile: string;
  certificate: X509Certificate;
}

/** Certificates as browsers make them, in a folder of their own. Needs the openssl command. */
export class PeerCertificates {
  readonly #folder = mkdtempSync(join(tmpdir(), 'copperline-dtls-'));

  make(name: string, newkey: readonly string[]): PeerCertificate {
    const [certFile, keyFile] = [join(this.#folder, `${name}.pem`), join(this.#folder, name)];
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', ...newkey, '-nodes', '-days', '2', '-subj', '/CN=WebRTC'],
        ...['-keyout', keyFile, '-out', certFile],
      ],
      { stdio: 'ignore' },
    );
    return { certFile, keyFile, certificate: new X509Certificate(readFileSync(certFile)) };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** `openssl s_client` or `s_server`, and what it says. */
export class OpensslPeer {
  readonly #child: ChildProcessWithoutNullStreams;
  #output = '';
  #over = false;
  readonly #ended: Promise<unknown>;

  constructor(args: readonly string[]) {
    this.#child = spawn('openssl', args);
    this.#ended = once(this.#child, 'close').then(() => (this.#over = true));
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.on('data', (chunk: Buffer) => (this.#output += chunk.toString('latin1')));
  }

  /** The first group of the pattern, as soon as the output holds it. */
  async said(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.#output);
      if (found !== null) return found[1] ?? found[0];
      if (this.#over) throw new Error(`openssl ended without ${String(pattern)}: ${this.#output}`);
      await Promise.race([
        once(this.#child.stdout, 'data'),
        once(this.#child.stderr, 'data'),
        this.#ended,
      ]);
    }
  }

  /** Lets it say goodbye; s_client does so with close_notify, s_server closes its socket. */
  async hangUp(): Promise<void> {
    this.#child.stdin.end('Q\n');
    await this.#ended;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

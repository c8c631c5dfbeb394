import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CertificateFiles } from '../../../gateway/sip-server/transport/tls-keys.js';

/** A certificate authority for one test run, in a folder of its own. Needs the openssl command. */
export class TestAuthority {
  readonly folder = mkdtempSync(join(tmpdir(), 'copperline-tls-'));
  readonly caFile = join(this.folder, 'ca.pem');
  #serial = 0;

  constructor() {
    this.#openssl([
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-days', '2', '-subj', '/CN=Test authority', '-keyout', this.#path('ca.key')],
      ...['-out', this.caFile],
    ]);
  }

  get ca(): Buffer {
    return readFileSync(this.caFile);
  }

  /** @param names subjectAltName, such as `DNS:sip.example` or `IP:127.0.0.1` */
  issue(names: string, name = `peer${++this.#serial}`): CertificateFiles {
    const [key, csr, cert, extensions] = ['key', 'csr', 'pem', 'ext'].map((ending) =>
      this.#path(`${name}.${ending}`),
    ) as [string, string, string, string];
    writeFileSync(extensions, `subjectAltName=${names}\n`);
    this.#openssl([
      ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-subj', `/CN=${name}`, '-keyout', key, '-out', csr],
    ]);
    this.#serial += 1;
    this.#openssl([
      ...['x509', '-req', '-in', csr, '-CA', this.caFile, '-CAkey', this.#path('ca.key')],
      ...['-set_serial', String(this.#serial), '-days', '1', '-extfile', extensions, '-out', cert],
    ]);
    return { certFile: cert, keyFile: key };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #path(name: string): string {
    return join(this.folder, name);
  }

  #openssl(args: string[]): void {
    execFileSync('openssl', args, { stdio: 'ignore' });
  }
}

import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import {
  checkServerIdentity,
  createSecureContext,
  type ConnectionOptions,
  type PeerCertificate,
  type SecureContext,
  type TlsOptions,
} from 'node:tls';
import { CopperlineError } from '../../kernel/errors.js';

export interface CertificateFiles {
  /** PEM: the certificate, then its chain. */
  certFile: string;
  /** PEM, not encrypted. */
  keyFile: string;
}

export interface TlsSettings {
  /** The first serves clients that name no host, or one that no certificate is for. Not empty. */
  certificates: readonly [CertificateFiles, ...CertificateFiles[]];
  /** What is asked of clients; default `ignore`. `request` takes any, and knows which are verified. */
  clientCertificates?: 'ignore' | 'request' | 'require';
  /** PEM file of the authorities that peers' certificates are checked against; those of Node.js when absent. */
  caFile?: string;
  /** False accepts any certificate on connections that we open. Default true. */
  verifyServers?: boolean;
}

interface Loaded {
  certificate: X509Certificate;
  cert: Buffer;
  key: Buffer;
  context: SecureContext;
}

/** The certificates of a TLS or WSS listener, read from files and read again on {@link reload}. */
export class TlsKeys {
  readonly #settings: TlsSettings;
  readonly #onReload = new Set<() => void>();
  #loaded: readonly Loaded[] = [];
  #ca: Buffer | undefined;
  #stamp = '';

  private constructor(settings: TlsSettings) {
    this.#settings = settings;
  }

  /** @throws CopperlineError CL_START_CERTIFICATE (as a rejection) when a file cannot be used */
  static async load(settings: TlsSettings): Promise<TlsKeys> {
    const keys = new TlsKeys(settings);
    await keys.reload();
    return keys;
  }

  /** For tls.Server. */
  serverOptions(): TlsOptions {
    const { clientCertificates = 'ignore' } = this.#settings;
    return {
      ...this.ownPair(),
      requestCert: clientCertificates !== 'ignore',
      rejectUnauthorized: clientCertificates === 'require',
      SNICallback: (name, done) => {
        done(null, this.#contextFor(name));
      },
    };
  }

  /** What a client without SNI is served. */
  ownPair(): TlsOptions {
    const first = this.#loaded[0];
    return {
      minVersion: 'TLSv1.2',
      ...(this.#ca === undefined ? {} : { ca: this.#ca }),
      ...(first === undefined ? {} : { cert: first.cert, key: first.key }),
    };
  }

  /** For a connection of ours to a server that must prove to be `name` (RFC 5922 section 7); we show our certificate. */
  clientOptions(name: string): ConnectionOptions {
    const context = this.#loaded[0]?.context;
    return {
      ...(context === undefined ? {} : { secureContext: context }),
      // RFC 6066 section 3: no addresses in SNI.
      ...(isIP(name) === 0 ? { servername: name } : {}),
      rejectUnauthorized: this.#settings.verifyServers ?? true,
      checkServerIdentity: (_host, certificate) => checkSipIdentity(name, certificate),
    };
  }

  onReload(callback: () => void): void {
    this.#onReload.add(callback);
  }

  /**
   * Reads the files again; new handshakes use them. What was there stays in use when they cannot be used.
   * @throws CopperlineError CL_START_CERTIFICATE (as a rejection)
   */
  async reload(): Promise<void> {
    const stamp = await this.#stampOfFiles();
    const { caFile, certificates } = this.#settings;
    const ca = caFile === undefined ? undefined : await readPem(caFile);
    const loaded = await Promise.all(certificates.map((files) => loadPair(files, ca)));
    this.#ca = ca;
    this.#loaded = loaded;
    this.#stamp = stamp;
    for (const callback of this.#onReload) callback();
  }

  /** True when a file is another than at the last reload. */
  async changed(): Promise<boolean> {
    return (await this.#stampOfFiles()) !== this.#stamp;
  }

  #contextFor(name: string): SecureContext | undefined {
    const fitting = this.#loaded.find(({ certificate }) => certificate.checkHost(name));
    return (fitting ?? this.#loaded[0])?.context;
  }

  async #stampOfFiles(): Promise<string> {
    const { caFile, certificates } = this.#settings;
    const files = certificates.flatMap(({ certFile, keyFile }) => [certFile, keyFile]);
    if (caFile !== undefined) files.push(caFile);
    const stamps = await Promise.all(
      files.map((file) =>
        stat(file).then(
          ({ mtimeMs, size, ino }) => `${mtimeMs}:${size}:${ino}`,
          () => 'absent',
        ),
      ),
    );
    return stamps.join(' ');
  }
}

/** RFC 5922 section 7.1: a `sip:` URI among the names counts, else the DNS names and addresses do. */
export function checkSipIdentity(name: string, certificate: PeerCertificate): Error | undefined {
  const uris = (certificate.subjectaltname ?? '')
    .split(', ')
    .filter((entry) => /^URI:sip:/i.test(entry))
    .map((entry) => entry.slice('URI:sip:'.length).toLowerCase());
  return uris.includes(name.toLowerCase()) ? undefined : checkServerIdentity(name, certificate);
}

async function loadPair(files: CertificateFiles, ca: Buffer | undefined): Promise<Loaded> {
  const [cert, key] = await Promise.all([readPem(files.certFile), readPem(files.keyFile)]);
  try {
    const context = createSecureContext({
      cert,
      key,
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? {} : { ca }),
    });
    return { cert, key, context, certificate: new X509Certificate(cert) };
  } catch (error) {
    throw new CopperlineError('CL_START_CERTIFICATE', {
      sentence: `The TLS certificate ${files.certFile} and the key ${files.keyFile} cannot be used together: ${detail(error)}.`,
      cause: error,
    });
  }
}

async function readPem(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new CopperlineError('CL_START_CERTIFICATE', {
      sentence: `The TLS file ${file} cannot be read: ${detail(error)}.`,
      cause: error,
    });
  }
}

/** OpenSSL's and the system's messages name the file's place in their code, never a key. */
function detail(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  return code === '' ? error.message : code;
}

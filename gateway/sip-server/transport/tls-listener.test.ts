import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock, settle } from '../../../test/support/manual-clock.js';
import { TestAuthority } from '../../../test/support/sip/certificates.js';
import {
  openTcp,
  openTls,
  optionsText,
  type StreamClient,
} from '../../../test/support/sip/stream-client.js';
import { CopperlineError } from '../../kernel/errors.js';
import { silentLog } from '../../kernel/log.js';
import type { SipMessage } from '../message/sip-message.js';
import { CertificateWatch } from './certificate-watch.js';
import type { ConnectionLimits } from './connection-limits.js';
import { listenStream } from './stream-listener.js';
import { TlsKeys, type CertificateFiles, type TlsSettings } from './tls-keys.js';
import type { Flow, Listener } from './transport.js';

let authority: TestAuthority;
let alpha: CertificateFiles;
let beta: CertificateFiles;
let clock: ManualClock;
let listener: Listener;
let keys: TlsKeys;
let got: { message: SipMessage; flow: Flow }[];
const clients: StreamClient[] = [];

beforeAll(() => {
  authority = new TestAuthority();
  alpha = authority.issue('DNS:alpha.example,IP:127.0.0.1,IP:::1', 'alpha');
  beta = authority.issue('DNS:beta.example', 'beta');
});
afterAll(() => {
  authority.remove();
});

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await settle();
};

async function start(
  settings: Partial<TlsSettings> = {},
  more: { limits?: Partial<ConnectionLimits>; host?: string } = {},
): Promise<void> {
  keys = await TlsKeys.load({
    certificates: [alpha, beta],
    caFile: authority.caFile,
    ...settings,
  });
  listener = await listenStream({
    bind: { host: more.host ?? '127.0.0.1', port: 0 },
    keys,
    clock,
    limits: more.limits,
    handlers: {
      onMessage: (message, flow) => got.push({ message, flow }),
      onMalformed: () => undefined,
    },
  });
}

async function open(options: object = {}): Promise<StreamClient> {
  const client = await openTls(listener.local, options);
  clients.push(client);
  return client;
}

function shownTo(client: StreamClient): string {
  if (!(client.socket instanceof TLSSocket)) throw new Error('no TLS');
  return String(client.socket.getPeerCertificate().subject.CN);
}

beforeEach(() => {
  clock = new ManualClock();
  got = [];
});

afterEach(async () => {
  await listener.close();
  for (const client of clients.splice(0)) await client.close();
  expect(clock.pending).toBe(0);
});

describe('SIP over TLS', () => {
  it.each(['127.0.0.1', '::1'])('carries messages both ways (%s)', async (host) => {
    await start({}, { host });
    const client = await open({ ca: authority.ca });
    client.write(optionsText({ via: 'SIP/2.0/TLS 192.0.2.9;branch=z9hG4bKt1' }));
    await until(() => got.length === 1);
    const { flow } = got[0]!;
    expect(flow).toMatchObject({ protocol: 'tls', remote: { host, port: client.port } });
    await flow.send(Buffer.from('answer'));
    await client.until(/answer/);
  });

  it('shows the certificate for the name that the client asks for', async () => {
    await start();
    expect(shownTo(await open({ servername: 'alpha.example' }))).toBe('alpha');
    expect(shownTo(await open({ servername: 'beta.example' }))).toBe('beta');
    expect(shownTo(await open({ servername: 'gamma.example' }))).toBe('alpha');
    expect(shownTo(await open())).toBe('alpha');
  });

  it('uses new certificates without a restart, with and without SNI, and keeps connections', async () => {
    const files = { certFile: `${alpha.certFile}.live`, keyFile: `${alpha.keyFile}.live` };
    const install = ({ certFile, keyFile }: CertificateFiles): void => {
      copyFileSync(certFile, files.certFile);
      copyFileSync(keyFile, files.keyFile);
    };
    install(alpha);
    await start({ certificates: [files] });
    const before = await open();
    expect(shownTo(before)).toBe('alpha');
    install(authority.issue('DNS:alpha.example', 'renewed'));
    await keys.reload();
    expect(shownTo(await open())).toBe('renewed');
    expect(shownTo(await open({ servername: 'alpha.example' }))).toBe('renewed');
    writeFileSync(files.certFile, 'no certificate');
    await expect(keys.reload()).rejects.toThrow(CopperlineError);
    await expect(keys.reload()).rejects.toThrow(/cannot be used together/);
    expect(shownTo(await open())).toBe('renewed');
    before.write(optionsText());
    await until(() => got.length === 1);
  });

  it('notices new files by itself', async () => {
    const files = { certFile: `${beta.certFile}.watched`, keyFile: `${beta.keyFile}.watched` };
    copyFileSync(alpha.certFile, files.certFile);
    copyFileSync(alpha.keyFile, files.keyFile);
    await start({ certificates: [files] });
    const watch = new CertificateWatch(clock, silentLog);
    watch.add(keys);
    const reloaded = new Promise<void>((resolve) => {
      keys.onReload(resolve);
    });
    writeFileSync(files.certFile, readFileSync(beta.certFile));
    writeFileSync(files.keyFile, readFileSync(beta.keyFile));
    clock.advance(60_000);
    await reloaded;
    expect(shownTo(await open())).toBe('beta');
    watch.stop();
    await until(() => clock.pending <= 1);
    await listener.close();
  });

  it('names the file that it cannot read, never what is in it', async () => {
    await start();
    const missing = TlsKeys.load({ certificates: [{ ...alpha, keyFile: '/nowhere/key.pem' }] });
    await expect(missing).rejects.toThrow('The TLS file /nowhere/key.pem cannot be read: ENOENT.');
    const foreign = TlsKeys.load({ certificates: [{ ...alpha, keyFile: beta.keyFile }] });
    await expect(foreign).rejects.toThrow(
      /^The TLS certificate .*alpha\.pem and the key .*beta\.key/,
    );
  });

  it('lets in only clients with a certificate of the authority when it must', async () => {
    await start({ clientCertificates: 'require' });
    const bare = await open();
    await bare.gone;
    const stranger = new TestAuthority();
    const foreign = stranger.issue('DNS:peer.example', 'foreign');
    const wrong = await open({
      cert: readFileSync(foreign.certFile),
      key: readFileSync(foreign.keyFile),
    });
    stranger.remove();
    await wrong.gone;
    expect(listener.size).toBe(0);
    const known = await open({
      cert: readFileSync(beta.certFile),
      key: readFileSync(beta.keyFile),
    });
    known.write(optionsText());
    await until(() => got.length === 1);
  });

  it('ends handshakes that do not come to an end, and noise', async () => {
    await start({}, { limits: { firstMessageMs: 2_000 } });
    const silent = await openTcp(listener.local);
    await until(() => clock.pending === 1);
    clock.advance(2_000);
    await silent.gone;
    const noise = await openTcp(listener.local);
    noise.write(optionsText());
    await noise.gone;
    const unfinished = await openTcp(listener.local);
    await until(() => clock.pending === 1);
    await listener.close();
    await unfinished.gone;
  });

  it('sends requests back over a connection only to the name that its certificate proves', async () => {
    await start({ clientCertificates: 'request' });
    const via = (name: string, branch: string): string =>
      `SIP/2.0/TLS ${name}:1;branch=z9hG4bK${branch};alias`;
    const peer = await open({ cert: readFileSync(beta.certFile), key: readFileSync(beta.keyFile) });
    peer.write(optionsText({ via: via('beta.example', 'c1') }));
    peer.write(optionsText({ via: via('alpha.example', 'c2') }));
    await until(() => got.length === 2);
    const to = (serverName: string): Promise<unknown> =>
      listener
        .flowTo({ host: '127.0.0.1', port: 1, serverName })
        .catch((error: unknown) => String(error));
    expect(await to('beta.example')).toBe(got[0]!.flow);
    expect(await to('alpha.example')).toContain('No connection');
    const unproven = await open();
    unproven.write(optionsText({ via: via('alpha.example', 'c3') }));
    await until(() => got.length === 3);
    expect(await to('alpha.example')).toContain('No connection');
  });
});

describe('TLS connections that we open', () => {
  let server: Server;
  let sockets: Socket[];
  let names: (string | false | null)[];

  const serve = async (files: CertificateFiles | undefined): Promise<number> => {
    sockets = [];
    names = [];
    server =
      files === undefined
        ? createServer()
        : createTlsServer(
            { cert: readFileSync(files.certFile), key: readFileSync(files.keyFile) },
            (socket) => names.push(socket.servername),
          );
    server.on('connection', (socket: Socket) => {
      socket.on('error', () => undefined);
      sockets.push(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  };

  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });

  it('ask for the name, and take only a certificate that bears it', async () => {
    const port = await serve(beta);
    await start();
    const target = { host: '127.0.0.1', port };
    const flow = await listener.flowTo({ ...target, serverName: 'beta.example' });
    expect(await listener.flowTo({ ...target, serverName: 'beta.example' })).toBe(flow);
    await until(() => names.length === 1);
    expect(names).toEqual(['beta.example']);
    const other = listener.flowTo({ ...target, serverName: 'alpha.example' });
    await expect(other).rejects.toThrow(/No connection to 127.0.0.1:.*alpha\.example/);
    await expect(listener.flowTo(target)).rejects.toThrow('No connection');
  });

  it('take a certificate of nobody only where that is allowed', async () => {
    const port = await serve(beta);
    const target = { host: '127.0.0.1', port, serverName: 'beta.example' };
    keys = await TlsKeys.load({ certificates: [alpha] });
    const strict = await listenStream({
      bind: { host: '127.0.0.1', port: 0 },
      keys,
      clock,
      handlers: { onMessage: () => undefined, onMalformed: () => undefined },
    });
    await expect(strict.flowTo(target)).rejects.toThrow('No connection');
    await strict.close();
    await start({ verifyServers: false });
    expect((await listener.flowTo(target)).protocol).toBe('tls');
  });

  it('are given up when the peer does not shake hands in time', async () => {
    const port = await serve(undefined);
    await start({}, { limits: { connectMs: 3_000 } });
    const attempt = listener.flowTo({ host: '127.0.0.1', port });
    const refused = expect(attempt).rejects.toThrow('nobody answered within 3000 ms');
    await until(() => sockets.length === 1);
    clock.advance(3_000);
    await refused;
  });
});

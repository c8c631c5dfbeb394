import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diagnoseTrunks } from '../../../gateway/cli/doctor.js';
import { runCli } from '../../../gateway/cli.js';
import type { ConfigInput } from '../../../gateway/config/schema.js';
import { GatewayCarrier } from '../../support/gateway-carrier.js';
import { TestAuthority } from '../../support/sip/certificates.js';

const PASSWORD = 'never-to-be-seen';
let folder: string;
let carrier: GatewayCarrier;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'copperline-doctor-'));
  carrier = await GatewayCarrier.open();
});

afterEach(async () => {
  await carrier.close();
  rmSync(folder, { recursive: true });
});

type TrunkInput = NonNullable<ConfigInput['trunks']>[number];

function write(trunk: Partial<TrunkInput>, more: Partial<ConfigInput> = {}): string {
  const file = join(folder, 'copperline.yaml');
  const input: ConfigInput = {
    sip: { domain: 'gw.test' },
    users: [{ name: 'alice', password: PASSWORD, callerId: '+4930111' }],
    trunks: [{ name: 'acme', host: '127.0.0.1', port: carrier.port, ...trunk }],
    dialplan: { country: 'DE' },
    ...more,
  };
  writeFileSync(file, JSON.stringify(input));
  return file;
}

async function doctor(configFile: string): Promise<{ code: number; text: string }> {
  let text = '';
  const output = {
    write: (part: string) => void (text += part),
    fail: (part: string) => void (text += part),
  };
  const code = await diagnoseTrunks({ configFile, trunk: 'acme', number: '+49301' }, output);
  expect(text).not.toContain(PASSWORD);
  return { code, text };
}

/** Answers OPTIONS, and REGISTERs as they deserve. */
function answer(registerStatus: number): void {
  carrier.behave((request) => {
    const { method } = request;
    const signed = request.get('Authorization') !== undefined;
    if (method === 'OPTIONS') carrier.reply(request, 200);
    if (method !== 'REGISTER') return true;
    const headers = {
      'WWW-Authenticate': `Digest realm="c", nonce="${signed ? 2 : 1}", qop="auth"`,
    };
    carrier.reply(request, signed ? registerStatus : 401, { headers });
    contacts.push(request.get('Contact'));
    return true;
  });
}
const contacts: (string | undefined)[] = [];

const ACCOUNT = { credentials: { username: 'acct', password: PASSWORD }, registration: {} };

describe('doctor', () => {
  it('finds nothing wrong with a trunk that works, and registers nothing', async () => {
    answer(200);
    const { code, text } = await doctor(write({ ...ACCOUNT, profile: 'generic-ip' }));
    expect(text).toMatch(/ok +OPTIONS +sip:127\.0\.0\.1:\d+;transport=udp answers\./);
    expect(text).toMatch(/ok +registration .* takes the credentials\./);
    expect(text).toContain('+49301 is asked for as sip:+49301@127.0.0.1');
    expect(text).toContain('info  From          <sip:+4930111@127.0.0.1;user=phone>');
    expect(text).toContain('P-Asserted-Ide');
    expect(code).toBe(0);
    expect(contacts).toEqual([undefined, undefined]);
  });

  it('names the credentials that are wrong', async () => {
    answer(401);
    const { code, text } = await doctor(write(ACCOUNT));
    expect(text).toMatch(/fail +registration .*did not accept the credentials \(401 Scripted\)/);
    expect(text).toContain('must be mended');
    expect(code).toBe(1);
  });

  it('names the certificate that is not accepted, and accepts it with its authority', async () => {
    const authority = new TestAuthority();
    const files = authority.issue('IP:127.0.0.1', 'carrier.test');
    const server = createServer({
      cert: readFileSync(files.certFile),
      key: readFileSync(files.keyFile),
    });
    const sockets = new Set<Socket>();
    server.on('secureConnection', (socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      // Silent but for OPTIONS, which it answers with what it got.
      socket.on('data', (bytes: Buffer) => {
        socket.write(okTo(bytes.toString()));
      });
    });
    server.on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const tls = { port: 0, certificates: [files] };
    const sip = (more: object): Partial<ConfigInput> => ({
      sip: { domain: 'gw.test', server: { embedded: { tls: { ...tls, ...more } } } },
    });
    const trunk = { transport: 'tls', port } as const;
    try {
      const bad = await doctor(write(trunk, sip({})));
      expect(bad.text).toMatch(/fail +TLS .*certificate for carrier\.test until .*not accepted/);
      expect(bad.text).toMatch(/fail +OPTIONS .*No connection to 127\.0\.0\.1/);
      expect(bad.code).toBe(1);
      const good = await doctor(write(trunk, sip({ caFile: authority.caFile })));
      expect(good.text).toMatch(/warn +TLS +127\.0\.0\.1:\d+ speaks TLSv1\.[23], certificate for/);
      expect(good.text).toMatch(/ok +OPTIONS/);
      expect(good.code).toBe(0);
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
      authority.remove();
    }
  });

  it('names the carrier that does not answer', async () => {
    const tcp = { port: 0 };
    const sip = { domain: 'gw.test', server: { embedded: { tcp } } };
    const { code, text } = await doctor(write({ transport: 'tcp' }, { sip }));
    expect(text).toMatch(/fail +OPTIONS .*No connection to 127\.0\.0\.1:\d+: .*ECONNREFUSED/);
    expect(code).toBe(1);
  });
});

function okTo(request: string): string {
  const copied = request
    .split('\r\n')
    .filter((line) => /^(via|from|to|call-id|cseq):/i.test(line))
    .map((line) => (/^to:/i.test(line) ? `${line};tag=x` : line));
  return ['SIP/2.0 200 OK', ...copied, 'Content-Length: 0', '', ''].join('\r\n');
}

describe('the command line of doctor', () => {
  const run = async (...args: string[]): Promise<{ code: number; text: string }> => {
    let text = '';
    const output = {
      write: (part: string) => void (text += part),
      fail: (part: string) => void (text += part),
    };
    return { code: await runCli(['doctor', ...args], output), text };
  };

  it('wants a trunk that exists and a number that is one', async () => {
    answer(200);
    const file = write({});
    expect(await run(file, '--trunk', 'other')).toMatchObject({
      code: 2,
      text: expect.stringContaining('there are acme') as string,
    });
    expect(await run(file, '--number', '030')).toMatchObject({ code: 2 });
    expect(await run()).toMatchObject({ code: 2 });
    expect(await run(file)).toMatchObject({
      code: 0,
      text: expect.stringContaining('trunk acme') as string,
    });
  });
});

import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { wavFile } from '../test/support/wav.js';
import { runCli } from './cli.js';

const CONFIG = `
sip: { domain: example.org }
users: [{ name: alice, password: very-secret-1 }, { name: bob, password: very-secret-2 }]
trunks:
  - { name: carrier, host: sip.localhost, credentials: { username: u, password: very-secret-3 } }
  - { name: backup, host: b.localhost }
dialplan:
  country: DE
  routes:
    - { name: germany, prefix: '+49', trunks: [carrier, backup] }
    - { name: world, prefix: '+', users: [alice], trunks: [carrier] }
  refuse:
    - { name: premium, prefix: '+49900', reason: No premium numbers. }
`;

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copperline-cli-'));
  file = join(folder, 'copperline.yaml');
  await writeFile(file, CONFIG);
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const output = {
    write: (text: string) => void (out += text),
    fail: (text: string) => void (err += text),
  };
  const code = await runCli(args, output);
  return { code, out, err };
}

/** The example with its files, and hold music that is there. */
async function exampleWithMusic(): Promise<string> {
  const deploy = fileURLToPath(new URL('../deploy/', import.meta.url));
  for (const name of ['rates.example.csv', 'plan-tests.example.yaml'])
    await copyFile(join(deploy, name), join(folder, name));
  await writeFile(join(folder, 'hold.wav'), wavFile({ data: Buffer.alloc(160) }));
  const text = await readFile(join(deploy, 'copperline.example.yaml'), 'utf8');
  const example = join(folder, 'example.yaml');
  await writeFile(example, text.replace('/var/lib/copperline/hold.wav', 'hold.wav'));
  return example;
}

describe('check-config', () => {
  it('says what a good file sets up, without its secrets', async () => {
    const { code, out, err } = await run('check-config', file);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n').map((line) => line.trim())).toEqual([
      `${file} is fine.`,
      'page        http://127.0.0.1:8080/, WebSocket for its own page',
      'SIP         embedded server on UDP 127.0.0.1:5060, domain example.org',
      'media       browsers UDP 40000 and up (workers: one per core), carriers UDP 41000 to 42999',
      'users       alice, bob',
      'trunks      carrier, backup',
      'routes      germany, world',
      'refusals    premium',
      'limits      500 calls, 4 per user',
      `CDRs        ${join(folder, 'data', 'cdr.jsonl')}`,
      '',
    ]);
    expect(out).not.toContain('very-secret');
  });

  it('names each port of the embedded SIP server', async () => {
    const certificates = '[{ certFile: /tls/a.pem, keyFile: /tls/a.key }]';
    const server = `{ embedded: { udp: [{ host: 10.0.0.5 }, { host: "::1", port: 5070 }], tcp: [{ host: 10.0.0.5 }, { host: "::1" }], tls: [{ host: 10.0.0.5, certificates: ${certificates} }] } }`;
    await writeFile(file, CONFIG.replace('domain: example.org', `$&, server: ${server}`));
    const { out, err } = await run('check-config', file);
    expect(err).toBe('');
    expect(out).toContain(
      'embedded server on UDP 10.0.0.5:5060, UDP [::1]:5070, TCP 10.0.0.5:5060, TCP [::1]:5060, TLS 10.0.0.5:5061, domain',
    );
  });

  it('lists the problems of a bad one', async () => {
    await writeFile(file, CONFIG.replace('[carrier, backup]', '[carier]').replace('1 }', '1'));
    expect(await run('check-config', file)).toMatchObject({ code: 1, out: '' });
    await writeFile(file, CONFIG.replace('[carrier, backup]', '[carier]'));
    const { code, err } = await run('check-config', file);
    expect(code).toBe(1);
    expect(err).toBe(
      `${file} has 1 problem:\n  dialplan.routes[0].trunks[0] (line 10): names no trunk (did you mean carrier?), got "carier", allowed: carrier, backup\n`,
    );
  });

  it('runs the plan tests and names those that fail', async () => {
    const tests = join(folder, 'plan-tests.yaml');
    await writeFile(file, `${CONFIG.trimEnd()}\n  tests: plan-tests.yaml\n`);
    await writeFile(tests, '- { dial: "030 1234567", expect: { trunks: [carrier, backup] } }\n');
    expect((await run('check-config', file)).out).toContain('plan tests  1 passed');
    await writeFile(tests, '- { dial: "030 1234567", expect: { trunks: [backup] } }\n');
    expect((await run('check-config', file)).err).toContain(
      '[0]: 030 1234567: expected the trunks backup, but it goes over carrier, backup',
    );
    await writeFile(tests, '- { dial: "030 1234567", expct: {} }\n');
    expect((await run('check-config', file)).err).toContain('expct');
  });

  it('names the lines of a rate deck that cannot be read', async () => {
    const rates = '\n  rates: [{ trunk: carrier, file: rates.csv }]\n';
    await writeFile(file, CONFIG.trimEnd() + rates);
    await writeFile(join(folder, 'rates.csv'), 'prefix,rate\n49,free\n');
    expect((await run('check-config', file)).err).toContain(
      'line 2: has the rate "free", which is no amount',
    );
  });

  it('opens the hold music, which is beside the configuration file', async () => {
    await writeFile(file, `${CONFIG}media: { holdMusic: hold.wav }\n`);
    const music = join(folder, 'hold.wav');
    const missing = await run('check-config', file);
    expect(missing).toMatchObject({ code: 1, out: '' });
    expect(missing.err).toContain(`The sound file ${music} cannot be read`);
    await writeFile(music, 'no music');
    expect((await run('check-config', file)).err).toContain(music);
    await writeFile(music, wavFile({ data: Buffer.alloc(160) }));
    expect(await run('check-config', file)).toMatchObject({ code: 0, err: '' });
  });

  it('says why a file cannot be read', async () => {
    const { code, err } = await run('check-config', join(folder, 'none.yaml'));
    expect(code).toBe(1);
    expect(err).toContain('cannot be read: there is no such file');
  });
});

describe('dial', () => {
  it('explains a route', async () => {
    const { code, out } = await run('dial', '030 1234567', '--from', 'bob', '--config', file);
    expect(code).toBe(0);
    expect(out).toBe(
      [
        'bob dials 030 1234567',
        '  Dialled in DE, the number is +49301234567.',
        '     refuse premium: the number does not begin with +49900',
        '  -> route germany: +49 fits, and no rule before it does',
        'Called over carrier as +49301234567',
        '       INVITE sip:+49301234567@sip.localhost;transport=udp',
        '       From: <sip:bob@sip.localhost>',
        'Else over backup as +49301234567',
        '       INVITE sip:+49301234567@b.localhost;transport=udp',
        '       From: <sip:bob@b.localhost>',
        '',
      ].join('\n'),
    );
  });

  it('explains a refusal', async () => {
    const { code, out } = await run('dial', '+33123456789', '--from', 'bob', '--config', file);
    expect(code).toBe(1);
    expect(out).toContain('route world: + fits, but the rule is not for bob');
    expect(out).toContain(
      'Refused with SIP 403 (CL_DIAL_FORBIDDEN): The rule world has a route for +33123456789, but not for bob.',
    );
  });

  it('knows the dialplan of the demo', async () => {
    expect(await run('dial', '600', '--from', 'alice')).toMatchObject({
      code: 0,
      out: expect.stringContaining('Called over demo-carrier as 600') as string,
    });
  });

  it('explains least-cost routing and ordered rules at any time', async () => {
    const example = await exampleWithMusic();
    for (const name of ['ALICE', 'BOB', 'CARRIER']) vi.stubEnv(`${name}_PASSWORD`, 'not-my-own');
    vi.stubEnv('API_TOKEN', 'sixteen letters at least');
    vi.stubEnv('TURNSTILE_SECRET', 'of-the-challenge');
    const night = '2026-11-27T20:00:00+01:00';
    const asked = ['--from', 'alice', '--config', example, '--at', night];
    expect((await run('dial', '030 12345670', ...asked)).out).toContain(
      'Called over carrier as +493012345699',
    );
    const { out } = await run('dial', '+33612345678', ...asked);
    expect(out).toContain('rate: carrier asks 0.012 at quality 50');
    expect(out).toContain('Called over carrier as +33612345678 for 0.012 per minute');
    // Its plan tests are held against it as well.
    expect((await run('check-config', example)).out).toContain('plan tests  8 passed');
    vi.unstubAllEnvs();
    expect(await run('dial', '1', '--from', 'alice', '--at', 'noon')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--at needs a time') as string,
    });
  });

  it('names the users when there is no such one', async () => {
    const { code, err } = await run('dial', '1', '--from', 'eve', '--config', file);
    expect({ code, err }).toEqual({
      code: 2,
      err: 'There is no user eve; there are alice, bob.\n',
    });
  });
});

describe('the rest', () => {
  it('prints the version of package.json', async () => {
    const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(text) as { version: string };
    expect(await run('version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
    expect(await run('--version')).toMatchObject({ out: `${version}\n` });
  });

  it.each([[[]], [['help']], [['--help']], [['-h']]])('prints its usage for %j', async (args) => {
    const { code, out } = await run(...args);
    expect(code).toBe(0);
    for (const command of ['start', 'check-config', 'dial', 'version'])
      expect(out).toContain(command);
  });

  it.each([
    [['frobnicate'], 'there is no command frobnicate'],
    [['constructor'], 'there is no command constructor'],
    [['check-config'], 'check-config needs one file'],
    [['check-config', 'a', 'b'], 'check-config needs one file'],
    [['dial', '1'], 'dial needs --from USER'],
    [['dial', '--from', 'alice'], 'dial needs one number'],
    [['dial', '1', '--form', 'alice'], "Unknown option '--form'"],
    [['start', 'a', 'b'], 'start takes one file at most'],
  ])('does not understand %j', async (args, sentence) => {
    const { code, out, err } = await run(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(sentence);
    expect(err).toContain('copperline COMMAND');
  });

  it('start reports a bad file as a sentence', async () => {
    const { code, err } = await run('start', join(folder, 'none.yaml'));
    expect(code).toBe(1);
    expect(err).toContain('cannot be read: there is no such file');
  });
});

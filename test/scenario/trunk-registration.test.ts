import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../gateway/kernel/log.js';
import { Secret } from '../../gateway/kernel/secret.js';
import {
  TrunkRegistration,
  type RegistrationStatus,
} from '../../gateway/trunks/trunk-registration.js';
import type { RegistrationPolicy } from '../../gateway/trunks/trunk.js';
import { testTrunk } from '../support/call-world.js';
import { ManualClock } from '../support/manual-clock.js';
import { ScriptedSipClient } from '../support/scripted-sip-client.js';

const POLICY: RegistrationPolicy = { registrars: [], mode: 'in-order', expiresS: 600 };
const LINE = { user: 'line-abc', params: '' };
const OK = { status: 200, headers: { Contact: '<sip:line-abc@192.0.2.1>;expires=600' } };

let clock: ManualClock;
let client: ScriptedSipClient;
let registration: TrunkRegistration;
let lines: string[];
let changes: RegistrationStatus[];

function open(policy: Partial<RegistrationPolicy> = {}, random = 0): void {
  const trunk = {
    ...testTrunk('acme', {
      credentials: { username: 'acct', password: new Secret('hidden word') },
    }),
    registration: { ...POLICY, ...policy },
  };
  registration = new TrunkRegistration(
    {
      ...{ trunk, line: LINE, client, clock, random: () => random },
      log: createLog({ level: 'trace', destination: { write: (line) => void lines.push(line) } }),
      onChanged: (status) => void changes.push(status),
    },
    trunk.registration.registrars,
  );
  registration.start();
}

beforeEach(() => {
  clock = new ManualClock();
  client = new ScriptedSipClient(() => OK);
  lines = [];
  changes = [];
});

/** The leak check: no timer, no secret, and the contact is gone. */
afterEach(async () => {
  await registration.close();
  expect(clock.pending).toBe(0);
  expect(registration.status.state).toBe('ended');
  expect(lines.join('')).not.toContain('hidden word');
});

describe('a registration', () => {
  it('asks for its contact, is refreshed before it expires, and is taken back at the end', async () => {
    open();
    await clock.advanceAsync(0);
    expect(client.last).toMatchObject({
      method: 'REGISTER',
      uri: 'sip:acme.example;transport=udp',
    });
    expect(client.last.headers).toMatchObject({
      ...{ To: '<sip:acct@acme.example>', Contact: '<sip:line-abc@localhost>', Expires: '600' },
      CSeq: '1 REGISTER',
    });
    expect(registration.status).toMatchObject({ state: 'registered', expiresS: 600 });
    await clock.advanceAsync(449_999);
    expect(client.sent).toHaveLength(1);
    await clock.advanceAsync(1);
    expect(client.sent).toHaveLength(2);
    expect(client.last.headers['CSeq']).toBe('2 REGISTER');
    expect(client.last.headers['Call-ID']).toBe(client.sent[0]?.headers['Call-ID']);
    await registration.close();
    expect(client.last.headers).toMatchObject({ Expires: '0', CSeq: '3 REGISTER' });
    // Once, however often it was refreshed.
    expect(changes).toHaveLength(1);
  });

  it.each([
    [
      'of our contact',
      { Contact: '<sip:x@y>;expires=30, <sip:line-abc@h>;expires=100', Expires: '7' },
      100,
    ],
    ['of the header', { Contact: '<sip:x@y>;expires=30', Expires: '200' }, 200],
    ['that was asked for', {}, 600],
  ])('lasts for the time %s', async (_name, headers, seconds) => {
    client.behave(() => ({ status: 200, headers }));
    open();
    await clock.advanceAsync(0);
    expect(registration.status.expiresS).toBe(seconds);
  });

  it('takes the time of a 423, and does not believe one that makes no sense', async () => {
    client.behave(({ headers }) =>
      Number(headers['Expires']) < 1800
        ? { status: 423, headers: { 'Min-Expires': '1800' } }
        : { status: 200 },
    );
    open();
    await clock.advanceAsync(0);
    expect(client.sent.map(({ headers }) => headers['Expires'])).toEqual(['600', '1800']);
    expect(registration.status).toMatchObject({ state: 'registered', expiresS: 1800 });
    await registration.close();
    client.behave(() => ({ status: 423, headers: { 'Min-Expires': '5' } }));
    open();
    await clock.advanceAsync(0);
    expect(registration.status).toMatchObject({ state: 'failed' });
  });

  it('goes on trying, ever more slowly, with one log line per reason', async () => {
    client.behave(() => ({ status: 500 }));
    open({}, 1);
    await clock.advanceAsync(2_000 + 4_000 + 8_000);
    expect(client.sent).toHaveLength(4);
    await clock.advanceAsync(600_000);
    const before = client.sent.length;
    await clock.advanceAsync(600_000);
    expect(client.sent.length - before).toBe(2);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('refused (500 Scripted)');
    client.behave(() => OK);
    await clock.advanceAsync(300_000);
    expect(registration.status.state).toBe('registered');
  });

  it('is in no hurry with credentials that are wrong, and waits for as long as it was told', async () => {
    client.behave(() => ({ status: 401, challenge: 'wrong' }));
    open();
    await clock.advanceAsync(59_999);
    expect(client.sent).toHaveLength(1);
    expect(registration.status.sentence).toContain('did not accept the credentials (401');
    await registration.close();
    client.sent.length = 0;
    client.behave(() => ({ status: 503, headers: { 'Retry-After': '100 (busy)' } }));
    open();
    await clock.advanceAsync(99_999);
    expect(client.sent).toHaveLength(1);
    await clock.advanceAsync(1);
    expect(client.sent).toHaveLength(2);
  });

  it('tries several registrars in order, at once, and stays where it was taken', async () => {
    const registrars = ['sip:a.example', 'sip:b.example', 'sip:c.example'];
    client.behave(({ uri }) => (uri === 'sip:b.example' ? OK : { status: 408, local: true }));
    open({ registrars });
    await clock.advanceAsync(0);
    expect(client.sent.map(({ uri }) => uri)).toEqual(['sip:a.example', 'sip:b.example']);
    await clock.advanceAsync(450_000);
    expect(client.last.uri).toBe('sip:b.example');
    client.behave(({ uri }) => (uri === 'sip:a.example' ? OK : { status: 403 }));
    await clock.advanceAsync(450_000 + 180_000);
    expect(registration.status).toMatchObject({ state: 'registered', registrar: 'sip:a.example' });
  });

  it('sends calls where the registrar wants them', async () => {
    client.behave(() => ({
      status: 200,
      headers: { 'Service-Route': '<sip:edge.example;lr>, <sip:x>' },
    }));
    open();
    await clock.advanceAsync(0);
    expect(registration.serviceRoute).toBe('sip:edge.example;lr');
    client.behave(() => ({ status: 500 }));
    await clock.advanceAsync(450_000);
    expect(registration.serviceRoute).toBeUndefined();
  });

  it('names the way that leads nowhere', async () => {
    const Reason = 'SIP;cause=503;text="DNS has no address for acme.example."';
    client.behave(() => ({ status: 503, local: true, headers: { Reason } }));
    open();
    await clock.advanceAsync(0);
    expect(registration.status.sentence).toBe(
      'The registrar sip:acme.example;transport=udp cannot be reached (DNS has no address for acme.example).',
    );
  });

  it('survives a SIP server that is gone, and an expiry of 0', async () => {
    client.behave(() => new Error('There is no connection'));
    open();
    await clock.advanceAsync(0);
    expect(registration.status.sentence).toContain('There is no connection');
    client.behave(() => ({ status: 200, headers: { Expires: '0' } }));
    await clock.advanceAsync(10_000);
    expect(registration.status.sentence).toContain('expiry of 0 s');
  });

  it('leaves without an answer', async () => {
    open();
    await clock.advanceAsync(0);
    client.behave(() => undefined);
    const closed = registration.close();
    await clock.advanceAsync(2_000);
    await closed;
    expect(client.last.headers['Expires']).toBe('0');
  });

  it('ends while it waits for the first answer', async () => {
    client.behave(() => undefined);
    open();
    await clock.advanceAsync(10);
    await registration.close();
    expect(client.sent).toHaveLength(1);
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../../gateway/config/schema.js';
import { browserOffer, carrierAnswer } from '../../support/gateway-sdp.js';
import { GatewayWorld, SECRET_WORD } from '../../support/gateway-world.js';
import type { PeerMessage } from '../../support/sip-peer-message.js';

type TrunkInput = NonNullable<ConfigInput['trunks']>[number];

const ACCOUNT = { username: 'acct', password: SECRET_WORD };
let world: GatewayWorld;

function changed(changes: readonly Partial<TrunkInput>[]): (config: ConfigInput) => ConfigInput {
  return (config) => ({
    ...config,
    trunks: (config.trunks ?? []).map((trunk, index) => ({ ...trunk, ...changes[index] })),
  });
}

function challenge(nonce: string, more = ''): Record<string, string> {
  return { 'WWW-Authenticate': `Digest realm="carrier", nonce="${nonce}", qop="auth"${more}` };
}

/** A carrier that registers whoever comes with credentials, for 600 s. */
function answerRegisters(): void {
  world.carrier.behave((request) => {
    if (request.method !== 'REGISTER') return false;
    const signed = request.get('Authorization') !== undefined;
    const Contact = `${request.get('Contact') ?? ''};expires=${request.get('Expires') ?? ''}`;
    world.carrier.reply(request, signed ? 200 : 401, {
      headers: signed ? { Contact } : challenge('n1', ', algorithm=SHA-256'),
    });
    registers.push(request);
    return true;
  });
}
const registers: PeerMessage[] = [];

afterEach(() => {
  registers.length = 0;
});

describe('a registered trunk', () => {
  afterEach(() => world.close());

  it('registers with a digest, is called at its contact, and leaves when the gateway stops', async () => {
    world = await GatewayWorld.start((config) => ({
      ...changed([{ credentials: ACCOUNT, registration: {} }])(config),
      metrics: { port: 0 },
    }));
    const first = await world.carrier.next('REGISTER');
    expect(first.require('Contact')).toMatch(/^<sip:line-[0-9a-f]{24}@127\.0\.0\.1:\d+>$/);
    answerRegisters();
    world.carrier.reply(first, 401, { headers: challenge('n0', ', algorithm=SHA-256') });
    await expect
      .poll(() => trunkState())
      .toMatchObject({ registrations: [{ state: 'registered' }] });
    const measured = await (await fetch(world.app.metricsUrl ?? '')).text();
    expect(measured).toContain(
      'copperline_trunk_registrations{trunk="carrier",state="registered"} 1',
    );
    expect(measured).toContain('copperline_trunk_health{trunk="second",state="up"} 1');
    expect(measured).toContain('copperline_media_foreign_packets{cause="strangers"} 0');
    const [signed] = registers;
    expect(signed?.require('Authorization')).toContain('algorithm=SHA-256');
    expect(signed?.sequence).toBe(first.sequence + 1);
    expect(signed?.require('Call-ID')).toBe(first.require('Call-ID'));
    await world.app.close();
    expect(registers.at(-1)?.require('Expires')).toBe('0');
  });
});

describe('the Service-Route of a registrar', () => {
  afterEach(() => world.close());

  it('is where calls go, by its first URI and without a Route header', async () => {
    world = await GatewayWorld.start(changed([{ credentials: ACCOUNT, registration: {} }]));
    const register = await world.carrier.next('REGISTER');
    expect(register.get('Supported') ?? '').not.toContain('path');
    world.carrier.reply(register, 200, {
      headers: { 'Service-Route': `<sip:${world.second.sentBy};lr>, <sip:192.0.2.1;lr>` },
    });
    await expect
      .poll(() => trunkState())
      .toMatchObject({ registrations: [{ state: 'registered' }] });
    const browser = await world.browser();
    const invite = await browser.invite('600', browserOffer());
    const sent = await world.second.next('INVITE');
    expect(sent.uri).toContain(`600@${world.carrier.sentBy}`);
    expect(sent.get('Route')).toBeUndefined();
    world.second.answerWhatEndsCalls();
    world.second.reply(sent, 180);
    await browser.answerTo(invite, 180);
    await browser.cancel(invite);
    world.carrier.behave((request) => {
      world.carrier.reply(request, 200);
      return true;
    });
  });
});

interface TrunkState {
  health: string;
  registrations: { state: string; sentence?: string }[];
}

async function trunkState(): Promise<TrunkState | undefined> {
  const response = await fetch(new URL('/api/trunks', world.app.url));
  return ((await response.json()) as TrunkState[])[0];
}

describe('the challenges to an INVITE', () => {
  beforeAll(async () => {
    world = await GatewayWorld.start(changed([{ credentials: ACCOUNT }]));
  });
  afterAll(() => world.close());

  it('are answered again when the nonce was stale', async () => {
    const browser = await world.browser();
    const invite = await browser.invite('600', browserOffer());
    const seen: string[] = [];
    for (const [nonce, more] of [
      ['n1', ''],
      ['n2', ', stale=true'],
    ] as const) {
      const challenged = await world.carrier.next('INVITE');
      seen.push(challenged.require('CSeq'));
      world.carrier.reply(challenged, 401, { headers: challenge(nonce, more) });
      await world.carrier.next('ACK');
    }
    const accepted = await world.carrier.next('INVITE');
    expect(accepted.require('Authorization')).toContain('nonce="n2"');
    expect(new Set([...seen, accepted.require('CSeq')]).size).toBe(3);
    world.carrier.reply(accepted, 200, { body: carrierAnswer() });
    const ok = await browser.answerTo(invite, 200);
    browser.callerRequest('ACK', ok, { sequence: 2 });
    await world.carrier.next('ACK');
    world.carrier.answerWhatEndsCalls();
    await world.hangUp({ browser, invite, ok, carrierInvite: accepted });
    await world.settle(1);
  });

  it('end with one sentence when the credentials are wrong', async () => {
    const browser = await world.browser();
    await browser.invite('600', browserOffer());
    for (const nonce of ['n1', 'n2']) {
      const challenged = await world.carrier.next('INVITE');
      world.carrier.reply(challenged, 401, { headers: challenge(nonce) });
      await world.carrier.next('ACK');
    }
    const [cdr] = await world.settle(1);
    expect(cdr?.end).toMatchObject({
      ...{ code: 'CL_TRUNK_CREDENTIALS', sipStatus: 502 },
      sentence: 'The carrier "carrier" did not accept our credentials (401 Scripted).',
    });
    expect(world.carrier.inbox.filter(({ method }) => method === 'INVITE')).toEqual([]);
  });

  it('and refusals leave the deciding facts in the call record', async () => {
    const browser = await world.browser();
    const refusals = [
      [404, {}, 'it was asked for 600 (numberFormat e164)'],
      [403, {}, 'the call came from the From user alice and asked for 600'],
      [
        488,
        { Warning: '305 carrier "Incompatible media format"' },
        'it was offered PCMU/8000, PCMA/8000',
      ],
    ] as const;
    for (const [status, headers] of refusals) {
      await browser.invite('600', browserOffer());
      world.carrier.reply(await world.carrier.next('INVITE'), status, { headers });
      await world.carrier.next('ACK');
    }
    const cdrs = await world.settle(3);
    refusals.forEach(([, , fact], index) => {
      expect(cdrs[index]?.end.sentence).toContain(fact);
    });
    expect(cdrs[2]?.end.sentence).toContain('Warning: 305 carrier "Incompatible media format"');
  });
});

describe('the health of a trunk', () => {
  afterEach(() => world.close());

  it('sends calls to the other trunk while the first one is dead, and back when it answers', async () => {
    const health = {
      optionsIntervalSeconds: 30,
      timeoutSeconds: 2,
      retrySeconds: 1,
      failuresToDown: 1,
    };
    world = await GatewayWorld.start(changed([{ health }]));
    await world.carrier.next('OPTIONS');
    world.carrier.goDeaf();
    await world.skip(2_100);
    await expect.poll(() => trunkState()).toMatchObject({ health: 'down' });
    const browser = await world.browser();
    await browser.invite('700', browserOffer());
    const invite = await world.second.next('INVITE');
    world.second.reply(invite, 486);
    await world.second.next('ACK');
    world.carrier.reset();
    world.carrier.behave((request) => {
      if (request.method === 'OPTIONS') world.carrier.reply(request, 200);
      return request.method === 'OPTIONS';
    });
    await expect
      .poll(async () => {
        await world.skip(1_100);
        return (await trunkState())?.health;
      })
      .toBe('up');
    const lines = world.log.filter(({ msg }) => msg === 'trunk health');
    expect(lines.map(({ state }) => state)).toEqual(['down', 'degraded', 'up']);
  });
});

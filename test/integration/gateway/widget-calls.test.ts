import { WebSocket } from 'ws';
import { SignJWT, UnsecuredJWT, decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../../gateway/config/schema.js';
import type { GatewayBrowser } from '../../support/gateway-browser.js';
import { browserOffer, carrierAnswer } from '../../support/gateway-sdp.js';
import { GatewayWorld } from '../../support/gateway-world.js';
import { REALM } from '../../support/signaling-rig.js';
import { ask, SHOP, tokenOf } from '../../support/widget-site.js';
import { refusalOf } from '../../support/web-bench.js';

/** Dialled for the destination `sales`: no message to a browser may hold it. */
const NUMBER = '+493012345678';
const SITE = {
  key: 'shop',
  origins: [SHOP],
  destinations: [
    { name: 'sales', number: NUMBER },
    { name: 'nowhere', number: '+4940987654321' },
    { name: 'desk', number: '3' },
  ],
  callerId: '+493099',
  displayName: 'Shop visitor',
  challenge: 'none' as const,
  quotas: { callsAtATime: 3, perAddressPerHour: 1_000, perDay: 1_000 },
  maxDurationSeconds: 10,
};

let world: GatewayWorld;
beforeAll(async () => {
  world = await GatewayWorld.start((config): ConfigInput => ({
    ...config,
    sites: [SITE, { ...SITE, key: 'tight', quotas: { callsAtATime: 1 } }],
    users: (config.users ?? []).map((user) =>
      user.name === 'bob' ? { ...user, extension: '3' } : user,
    ),
    dialplan: {
      ...config.dialplan,
      rules: [
        {
          ...{ name: 'visitors', origins: ['widget'], sites: ['shop'], prefixes: ['+4930'] },
          trunks: ['carrier'],
        },
      ],
    },
  }));
});
beforeEach(() => {
  world.carrier.answerWhatEndsCalls();
});
afterAll(() => world.close());

const token = (options: Parameters<typeof tokenOf>[1] = {}): Promise<string> =>
  tokenOf(world.app.url, options);

/** How the gateway refuses a WebSocket with that token. */
function refusal(
  jwt: string,
  options: { origin?: string; localAddress?: string } = {},
): ReturnType<typeof refusalOf> {
  const { origin = SHOP, ...rest } = options;
  const url = world.app.url.replace('http:', 'ws:');
  const protocols = ['sip', `copperline.token.${jwt}`];
  return refusalOf(new WebSocket(new URL('sip', url), protocols, { origin, ...rest }));
}

/** The code and sentence of the next refusal to that method. */
async function refusalTo(
  browser: GatewayBrowser,
  method: string,
): Promise<{ status: number | undefined; code: string; reason: string }> {
  const answer = await browser.nextThat(
    ({ status, about }) => about === method && (status ?? 0) >= 200,
  );
  const { status } = answer;
  return { status, code: answer.require('X-Copperline-Code'), reason: answer.require('Reason') };
}

describe('a visitor with a one-call token', () => {
  it('calls the destination, whose number the dialplan knows and no message to the page holds', async () => {
    const jwt = await token();
    const browser = await world.visitor(jwt);
    const invite = browser.inviteAsVisitor('sales', browserOffer());
    const carrierInvite = await world.carrier.next('INVITE');
    expect(carrierInvite.uri).toContain(NUMBER);
    expect(carrierInvite.require('From')).toMatch(/"?Shop visitor"? <sip:\+493099@/);
    world.carrier.reply(carrierInvite, 200, { body: carrierAnswer() });
    const ok = await browser.answerTo(invite, 200);
    browser.callerRequest('ACK', ok, { sequence: 1 });
    await expect.poll(() => world.app.calls.list()[0]?.state).toBe('up');

    const second = browser.inviteAsVisitor('sales', browserOffer());
    expect(await browser.refusalOf(second)).toMatchObject({
      ...{ status: 403, code: 'CL_WIDGET_ONE_CALL' },
      reason: 'A one-call token is for one call and its end, not for a second call.',
    });
    browser.callerRequest('REFER', ok, {
      sequence: 2,
      headers: { 'Refer-To': `<sip:+4990012345@${REALM}>` },
    });
    expect(await refusalTo(browser, 'REFER')).toMatchObject({
      ...{ status: 403, code: 'CL_WIDGET_ONE_CALL' },
    });

    await world.skip(10_000);
    const bye = await browser.next('BYE');
    expect(bye.require('Reason')).toContain('longest duration allowed, 10 s');
    browser.reply(bye, 200);
    expect(JSON.stringify([ok, bye, ...browser.inbox])).not.toContain(NUMBER.slice(1));
    const [cdr] = await world.settle(1, [jwt]);
    expect(cdr).toMatchObject({
      ...{ user: 'widget~shop', dialled: 'sales', number: NUMBER, rule: 'visitors' },
      end: { code: 'MAX_DURATION' },
    });
  });

  it('rings a user of ours where the destination is an extension', async () => {
    const bob = await world.browser('bob');
    await bob.register();
    const browser = await world.visitor(await token({ destination: 'desk' }));
    const invite = browser.inviteAsVisitor('desk', browserOffer());
    const ring = await bob.next('INVITE');
    bob.reply(ring, 180);
    await browser.answerTo(invite, 180);
    expect(ring.require('From')).toContain('"Shop visitor" <sip:+493099@');
    expect(ring.require('X-Copperline-Verified')).toBe('none');
    await browser.cancel(invite);
    const cancel = await bob.next('CANCEL');
    bob.reply(cancel, 200);
    bob.reply(ring, 487);
    await bob.next('ACK');
    await world.settle(1);
  });

  it('is not told the number when it cannot be reached', async () => {
    const browser = await world.visitor(await token({ destination: 'nowhere' }));
    const invite = browser.inviteAsVisitor('nowhere', browserOffer());
    const { status, reason } = await browser.refusalOf(invite);
    expect(status).toBe(404);
    expect(reason).toContain('nowhere');
    expect(reason).not.toMatch(/4940/);
    const [cdr] = await world.settle(1);
    expect(cdr?.end.sentence).toContain('+4940987654321');
  });
});

describe('a WebSocket with a one-call token', () => {
  it.each([
    ['another destination of the site', 'nowhere'],
    ['the number itself', '%2B493012345678'],
    ['a short code of users', '600'],
    ['a user', 'bob'],
  ])('does not call %s', async (_who, called) => {
    const browser = await world.visitor(await token());
    const invite = browser.inviteAsVisitor(called, browserOffer());
    expect(await browser.refusalOf(invite)).toEqual({
      ...{ status: 403, code: 'CL_WIDGET_DESTINATION' },
      reason: 'The token is for the destination sales only.',
    });
    expect(world.carrier.inbox).toEqual([]);
    await world.settle(0);
  });

  it.each(['REGISTER', 'OPTIONS', 'MESSAGE', 'SUBSCRIBE', 'PUBLISH'])(
    'sends no %s',
    async (method) => {
      const browser = await world.visitor(await token());
      const { address } = browser;
      browser.request(method, {
        uri: `sip:${REALM}`,
        headers: { From: `${address};tag=1`, To: address, Event: 'presence' },
      });
      expect(await refusalTo(browser, method)).toEqual({
        ...{ status: 403, code: 'CL_WIDGET_ONE_CALL' },
        reason: expect.stringContaining(`not for ${method}.`) as string,
      });
      await world.settle(0);
    },
  );

  it('calls once, of two INVITEs at the same moment', async () => {
    const browser = await world.visitor(await token());
    const invites = [1, 2].map(() => browser.inviteAsVisitor('sales', browserOffer()));
    const carrierInvite = await world.carrier.next('INVITE');
    world.carrier.reply(carrierInvite, 180);
    await browser.nextThat(({ status }) => status === 180);
    const second = await browser.refusalOf(invites[1] ?? carrierInvite);
    expect(second).toMatchObject({ status: 403, code: 'CL_WIDGET_ONE_CALL' });
    await browser.cancel(invites[0] ?? carrierInvite);
    expect(world.carrier.inbox.filter(({ method }) => method === 'INVITE')).toEqual([]);
    await world.settle(1);
  });

  it('does not speak for a user, whose From it would need a password for', async () => {
    const browser = await world.visitor(await token(), { user: 'alice' });
    const invite = browser.inviteAsVisitor('sales', browserOffer());
    expect(await browser.refusalOf(invite)).toMatchObject({ code: 'CL_AUTH_IDENTITY' });
    await world.settle(0);
  });
});

describe('a token', () => {
  it('is refused when it was used, while its call is up or after', async () => {
    const jwt = await token();
    await world.visitor(jwt);
    expect(await refusal(jwt)).toMatchObject({
      ...{ status: 403, body: { code: 'CL_WIDGET_TOKEN_USED' } },
    });
    await world.settle(0, [jwt]);
  });

  it('is refused from another address, and from a page of another origin', async () => {
    const jwt = await token();
    for (const other of [{ localAddress: '127.0.0.2' }, { origin: 'https://evil.example' }])
      expect(await refusal(jwt, other)).toMatchObject({
        ...{ status: 403, body: { code: 'CL_WIDGET_TOKEN_INVALID' } },
      });
    await world.settle(0, [jwt]);
  });

  it('is refused after its time', async () => {
    const jwt = await token();
    await world.skip(62_000);
    expect(await refusal(jwt)).toMatchObject({ body: { code: 'CL_WIDGET_TOKEN_EXPIRED' } });
    await world.settle(0, [jwt]);
  });

  it('is refused when it is forged', async () => {
    const claims = decodeJwt(await token());
    const forged = [
      new UnsecuredJWT(claims).encode(),
      await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.alloc(32)),
      'x',
    ];
    for (const jwt of forged)
      expect(await refusal(jwt)).toMatchObject({ body: { code: 'CL_WIDGET_TOKEN_INVALID' } });
    await world.settle(0, forged.slice(0, 2));
  });

  it('holds a place of its site until its WebSocket is gone', async () => {
    const body = {};
    const jwt = await token({ site: 'tight' });
    const browser = await world.visitor(jwt);
    expect((await ask(world.app.url, 'tight/token', { body })).body['code']).toBe(
      'CL_WIDGET_QUOTA',
    );
    browser.vanish();
    await expect
      .poll(async () => (await ask(world.app.url, 'tight/token', { body })).status)
      .toBe(200);
    await world.settle(0);
  });

  it('opens nothing that a page of the site could open without it', async () => {
    const url = world.app.url.replace('http:', 'ws:');
    const plain = new WebSocket(new URL('sip', url), ['sip'], { origin: SHOP });
    expect(await refusalOf(plain)).toMatchObject({ status: 403, body: { code: 'CL_WEB_ORIGIN' } });
    await world.settle(0);
  });
});

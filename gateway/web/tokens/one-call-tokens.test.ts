import { SignJWT, UnsecuredJWT, decodeJwt } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { SHOP, testSite } from '../../../test/support/widget-site.js';
import { Secret } from '../../kernel/secret.js';
import { OneCallTokens } from './one-call-tokens.js';

const BEARER = { origin: SHOP, address: '192.0.2.1' };
let clock: ManualClock;
let tokens: OneCallTokens;

beforeEach(() => {
  clock = new ManualClock();
  tokens = new OneCallTokens(clock);
});

afterEach(() => {
  tokens.close();
  expect(clock.pending).toBe(0);
});

const issue = (change = {}): Promise<string> => tokens.issue(testSite(change), 'support', BEARER);

describe('a one-call token', () => {
  it('works once, and tells the page neither number nor address', async () => {
    const token = await issue();
    expect(decodeJwt(token)).toMatchObject({ site: 'shop', destination: 'support' });
    expect(JSON.stringify(decodeJwt(token))).not.toMatch(/4930|192\.0\.2/);
    const { pass, release } = await tokens.redeem(token, BEARER);
    expect(pass).toMatchObject({ site: 'shop', destination: 'support', number: '+493012345678' });
    expect([pass.use(), pass.use()]).toEqual([true, false]);
    await expect(tokens.redeem(token, BEARER)).rejects.toMatchObject({
      code: 'CL_WIDGET_TOKEN_USED',
    });
    expect(tokens.count).toBe(1);
    release();
    release();
    expect(tokens.count).toBe(0);
  });

  it('works once for two WebSockets at the same moment', async () => {
    const token = await issue();
    const both = await Promise.allSettled([
      tokens.redeem(token, BEARER),
      tokens.redeem(token, BEARER),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('is over after its time, and gives its place back', async () => {
    const token = await issue();
    expect(tokens.count).toBe(1);
    clock.advance(32_000);
    expect(tokens.count).toBe(0);
    await expect(tokens.redeem(token, BEARER)).rejects.toMatchObject({
      code: 'CL_WIDGET_TOKEN_EXPIRED',
    });
  });

  it.each([
    ['another address', { ...BEARER, address: '192.0.2.2' }, 'issued to another address'],
    ['a page of another origin', { ...BEARER, origin: 'https://evil.example' }, 'another origin'],
  ])('is worth nothing for %s, and still good for its owner', async (_who, bearer, sentence) => {
    const token = await issue();
    await expect(tokens.redeem(token, bearer)).rejects.toMatchObject({
      code: 'CL_WIDGET_TOKEN_INVALID',
      sentence: expect.stringContaining(sentence) as string,
    });
    await expect(tokens.redeem(token, BEARER)).resolves.toBeDefined();
  });

  it('cannot be forged', async () => {
    const token = await issue();
    const claims = decodeJwt(token);
    const unsigned = new UnsecuredJWT(claims).encode();
    const sign = (alg: string): Promise<string> =>
      new SignJWT(claims).setProtectedHeader({ alg }).sign(Buffer.alloc(64, 7));
    const [head = '', body = '', signature = ''] = token.split('.');
    const changed = Buffer.from(JSON.stringify({ ...claims, destination: 'sales' }));
    const forged = [
      unsigned,
      await sign('HS256'),
      await sign('HS512'),
      `${head}.${changed.toString('base64url')}.${signature}`,
      `${head}.${body}.`,
      'x',
      '',
    ];
    for (const one of forged)
      await expect(tokens.redeem(one, BEARER)).rejects.toMatchObject({
        code: 'CL_WIDGET_TOKEN_INVALID',
      });
    await expect(tokens.redeem(token, BEARER)).resolves.toBeDefined();
  });

  it('is no token of another run of the gateway', async () => {
    const other = new OneCallTokens(clock);
    const token = await other.issue(testSite(), 'sales', BEARER);
    await expect(tokens.redeem(token, BEARER)).rejects.toMatchObject({
      code: 'CL_WIDGET_TOKEN_INVALID',
    });
    other.close();
  });
});

describe('the quotas of a site', () => {
  const refused = (sentence: string): object => ({
    code: 'CL_WIDGET_QUOTA',
    sentence: expect.stringContaining(sentence) as string,
  });
  const quotas = { callsAtATime: 100, perAddressPerHour: 100, perDay: 100 };

  it('count tokens and calls at the same time', async () => {
    const site = { quotas: { ...quotas, callsAtATime: 2 } };
    const first = await issue(site);
    await issue(site);
    await expect(issue(site)).rejects.toMatchObject(refused('at a time'));
    const { release } = await tokens.redeem(first, BEARER);
    await expect(issue(site)).rejects.toMatchObject(refused('at a time'));
    release();
    await expect(issue(site)).resolves.toBeDefined();
  });

  it('count per address within an hour', async () => {
    const site = testSite({ quotas: { ...quotas, perAddressPerHour: 2 } });
    const from = (address: string): Promise<string> =>
      tokens.issue(site, 'sales', { ...BEARER, address });
    await from('a');
    await from('a');
    await expect(from('a')).rejects.toMatchObject(refused('from your network within an hour'));
    await expect(from('b')).resolves.toBeDefined();
    clock.advance(3_600_000);
    await expect(from('a')).resolves.toBeDefined();
  });

  it('count per day', async () => {
    const site = { quotas: { ...quotas, perDay: 2 } };
    await issue(site);
    clock.advance(12 * 3_600_000);
    await issue(site);
    await expect(issue(site)).rejects.toMatchObject(refused('within a day'));
    clock.advance(12 * 3_600_000);
    await expect(issue(site)).resolves.toBeDefined();
    await expect(issue(site)).rejects.toMatchObject(refused('within a day'));
  });
});

describe('with a key of the settings', () => {
  const key = new Secret('a key that several gateways share');
  const gateway = (): OneCallTokens => new OneCallTokens(clock, { key, sites: [testSite()] });

  it('a token is good at another gateway, or after a restart, once and for its bearer', async () => {
    const first = gateway();
    const token = await first.issue(testSite(), 'support', BEARER);
    first.close();
    const second = gateway();
    for (const thief of [
      { ...BEARER, origin: 'https://evil.example' },
      { ...BEARER, address: '192.0.2.2' },
    ])
      await expect(second.redeem(token, thief)).rejects.toMatchObject({
        code: 'CL_WIDGET_TOKEN_INVALID',
      });
    const { pass, release } = await second.redeem(token, BEARER);
    expect(pass).toMatchObject({ site: 'shop', destination: 'support', number: '+493012345678' });
    expect(second.count).toBe(1);
    await expect(second.redeem(token, BEARER)).rejects.toMatchObject({
      code: 'CL_WIDGET_TOKEN_USED',
    });
    release();
    expect(second.count).toBe(0);
    expect(JSON.stringify(decodeJwt(token))).not.toMatch(/4930|192\.0\.2/);
  });

  it('a token works once where it was issued', async () => {
    const own = gateway();
    const token = await own.issue(testSite(), 'support', BEARER);
    const both = await Promise.allSettled([own.redeem(token, BEARER), own.redeem(token, BEARER)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('a token expires everywhere, and is none with another key', async () => {
    const own = gateway();
    const token = await own.issue(testSite(), 'support', BEARER);
    const stranger = new OneCallTokens(clock, {
      key: new Secret('another key that is just as long as it'),
      sites: [testSite()],
    });
    await expect(stranger.redeem(token, BEARER)).rejects.toMatchObject({
      code: 'CL_WIDGET_TOKEN_INVALID',
    });
    clock.advance(32_000);
    await expect(gateway().redeem(token, BEARER)).rejects.toMatchObject({
      code: 'CL_WIDGET_TOKEN_EXPIRED',
    });
  });

  it('counts in the quotas of the gateway that takes it', async () => {
    const first = gateway();
    const site = testSite();
    const issued = [];
    for (let call = 0; call < 3; call += 1) issued.push(await first.issue(site, 'sales', BEARER));
    first.close();
    const second = gateway();
    for (const token of issued) await second.redeem(token, BEARER);
    const fourth = gateway();
    const late = await fourth.issue(site, 'sales', BEARER);
    fourth.close();
    await expect(second.redeem(late, BEARER)).rejects.toMatchObject({ code: 'CL_WIDGET_QUOTA' });
  });
});

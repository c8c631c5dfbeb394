import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserOffer } from '../../support/gateway-sdp.js';
import { GatewayWorld } from '../../support/gateway-world.js';

let world: GatewayWorld;

beforeAll(async () => {
  world = await GatewayWorld.start();
});

afterAll(() => world.close());

const WRONG = 'Qx7-not-the-word';

describe('signing in', () => {
  it('takes the right password', async () => {
    const browser = await world.browser();
    expect((await browser.register()).status).toBe(200);
    await world.settle(0);
  });

  it('says in a sentence that the password is wrong, and keeps it out of the log', async () => {
    const browser = await world.browser();
    const refusal = await browser.register(WRONG);
    expect(refusal.status).toBe(401);
    expect(refusal.require('Reason')).toContain('The user name or the password is wrong.');
    expect(refusal.require('X-Copperline-Code')).toBe('CL_AUTH_WRONG');
    await world.settle(0, [WRONG, /response=/]);
  });

  it('lets nobody call with a wrong password', async () => {
    const browser = await world.browser();
    const invite = await browser.invite('600', browserOffer(), WRONG);
    expect(await browser.refusalOf(invite)).toMatchObject({ status: 407, code: 'CL_AUTH_WRONG' });
    expect(world.carrier.inbox).toEqual([]);
    await world.settle(0, [WRONG]);
  });

  it('lets nobody speak as somebody else', async () => {
    const browser = await world.browser('mallory');
    expect((await browser.register()).status).toBe(401);
    await world.settle(0);
  });
});

describe('a number', () => {
  it.each([
    ['that no rule knows', '+4930123456', 404, 'CL_DIAL_NO_ROUTE'],
    ['that is none', 'xyz', 404, 'CL_DIAL_INVALID_NUMBER'],
    [
      'with bytes that mean something elsewhere',
      '%3Cscript%3E%0d%0aX',
      404,
      'CL_DIAL_INVALID_NUMBER',
    ],
  ])('%s is refused with a sentence', async (...[, number, status, code]) => {
    const browser = await world.browser();
    const invite = await browser.invite(number, browserOffer());
    const refusal = await browser.refusalOf(invite);
    expect(refusal).toMatchObject({ status, code });
    expect(refusal.reason).toMatch(/^[A-Z"].{10,}\.$/);
    const [cdr] = await world.settle(1);
    expect(cdr).toMatchObject({ end: { code, sipStatus: status } });
  });
});

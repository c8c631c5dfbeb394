import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../../gateway/config/schema.js';
import { browserOffer, carrierAnswer } from '../../support/gateway-sdp.js';
import { freeUdpPort } from '../../support/gateway-port.js';
import { GatewayWorld } from '../../support/gateway-world.js';

let world: GatewayWorld;

beforeAll(async () => {
  const deadPort = await freeUdpPort();
  world = await GatewayWorld.start((config) => withDeadTrunk(config, deadPort));
});

afterAll(() => world.close());

/** 800 goes to a port where nobody listens, 801 there first and then to the second carrier. */
function withDeadTrunk(config: ConfigInput, port: number): ConfigInput {
  const { trunks = [], dialplan } = config;
  return {
    ...config,
    trunks: [...trunks, { name: 'dead', host: '127.0.0.1', port, codecs: ['pcma'] }],
    dialplan: {
      ...dialplan,
      routes: [
        ...(dialplan.routes ?? []),
        { name: 'dead', short: ['800'], trunks: ['dead'] },
        { name: 'dead-then-second', short: ['801'], trunks: ['dead', 'second'] },
      ],
    },
  };
}

describe('a carrier that says nothing', () => {
  it('is given up after the time of its trunk; the browser reads why', async () => {
    const browser = await world.browser();
    const invite = await browser.invite('600', browserOffer());
    await world.carrier.next('INVITE');
    await world.skip(8_000);
    expect(await browser.refusalOf(invite)).toEqual({
      ...{ status: 504, code: 'CL_TRUNK_SILENT' },
      reason: 'The carrier "carrier" did not begin to ring within 8 s.',
    });
    await expect.poll(() => world.cdrs.length).toBe(1);
    await world.skip(40_000);
    // RFC 3261 section 9.1: no CANCEL before a provisional response.
    expect(world.carrier.inbox).toEqual([]);
    const [cdr] = await world.settle(1);
    expect(cdr?.end).toMatchObject({ bucket: 'upstream', code: 'CL_TRUNK_SILENT' });
  });

  it('but 100 is given up all the same, with CANCEL', async () => {
    world.carrier.answerWhatEndsCalls();
    const browser = await world.browser();
    const invite = await browser.invite('600', browserOffer());
    world.carrier.reply(await world.carrier.next('INVITE'), 100);
    await world.skip(8_000);
    expect(await browser.refusalOf(invite)).toMatchObject({ code: 'CL_TRUNK_SILENT' });
    await world.settle(1);
  });

  it('leaves the call to the next trunk', async () => {
    world.second.answerWhatEndsCalls();
    const browser = await world.browser();
    const invite = await browser.invite('700', browserOffer());
    await world.carrier.next('INVITE');
    await world.skip(8_000);
    world.second.reply(await world.second.next('INVITE'), 200, { body: carrierAnswer() });
    const ok = await browser.answerTo(invite, 200);
    browser.callerRequest('ACK', ok, { sequence: 2 });
    browser.callerRequest('BYE', ok, { sequence: 3 });
    await browser.next(200, 'BYE');
    await expect.poll(() => world.cdrs.length).toBe(1);
    // The INVITE to the silent one is over when its timer B is (RFC 3261 section 17.1.1.2).
    await world.skip(33_000);
    const [cdr] = await world.settle(1);
    expect(cdr).toMatchObject({
      ...{ trunk: 'second', end: { code: 'NORMAL' } },
      attempts: [{ trunk: 'carrier', status: 504 }],
    });
  });

  it('may be cancelled by the browser', async () => {
    const browser = await world.browser();
    const invite = await browser.invite('600', browserOffer());
    await world.carrier.next('INVITE');
    await browser.cancel(invite);
    await expect.poll(() => world.cdrs.length).toBe(1);
    await world.skip(40_000);
    const [cdr] = await world.settle(1);
    expect(cdr?.end).toMatchObject({ by: 'browser', code: 'CANCELLED' });
  });

  it('when it rang: nobody answered', async () => {
    world.carrier.answerWhatEndsCalls();
    const browser = await world.browser();
    const invite = await browser.invite('600', browserOffer());
    world.carrier.reply(await world.carrier.next('INVITE'), 180);
    await browser.answerTo(invite, 180);
    await world.skip(61_000);
    expect(await browser.refusalOf(invite)).toMatchObject({
      ...{ status: 480, code: 'NO_ANSWER', reason: 'Nobody answered within 60 s.' },
    });
    await world.settle(1);
  });

  it('to our BYE does not keep the call', async () => {
    const call = await world.connect();
    world.carrier.goDeaf();
    await world.hangUp(call);
    await expect.poll(() => world.cdrs.length).toBe(1);
    await world.skip(33_000);
    const [cdr] = await world.settle(1);
    expect(cdr?.end).toMatchObject({ by: 'browser', code: 'NORMAL' });
  });
});

describe('a carrier whose port is closed', () => {
  it('is not waited for longer than a silent one; the browser reads why', async () => {
    const browser = await world.browser();
    const invite = await browser.invite('800', browserOffer());
    const refusal = browser.refusalOf(invite);
    await expect.poll(() => world.app.calls.list()[0]?.trunk).toBe('dead');
    await world.skip(8_000);
    const { status, reason } = await refusal;
    expect([503, 504]).toContain(status);
    expect(reason).toContain('The carrier "dead"');
    await expect.poll(() => world.cdrs.length).toBe(1);
    await world.skip(40_000);
    await world.settle(1);
  });

  it('leaves the call to the next trunk', async () => {
    world.second.answerWhatEndsCalls();
    const browser = await world.browser();
    const invite = await browser.invite('801', browserOffer());
    await expect.poll(() => world.app.calls.list()[0]?.trunk).toBe('dead');
    await world.skip(8_000);
    world.second.reply(await world.second.next('INVITE'), 486);
    expect(await browser.refusalOf(invite)).toMatchObject({ status: 486, code: 'BUSY' });
    await expect.poll(() => world.cdrs.length).toBe(1);
    await world.skip(40_000);
    await world.settle(1);
  });
});

describe('both sides', () => {
  it('may hang up at the same moment', async () => {
    const { browser, ok, carrierInvite } = await world.connect();
    world.carrier.calleeRequest('BYE', carrierInvite, { sequence: 1 });
    browser.callerRequest('BYE', ok, { sequence: 3 });
    // Whoever is second may find the dialog gone (481) or be answered; either way it is answered.
    const answers = await Promise.all(
      [browser, world.carrier].map((peer) => peer.nextThat(({ about }) => about === 'BYE')),
    );
    for (const { status } of answers) expect([undefined, 200, 481]).toContain(status);
    world.carrier.answerWhatEndsCalls();
    await expect.poll(() => world.cdrs.length).toBe(1);
    await world.skip(33_000);
    const [cdr] = await world.settle(1);
    expect(cdr?.end).toMatchObject({ code: 'NORMAL' });
  });
});

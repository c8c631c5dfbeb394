import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CallWorld, testTrunk } from '../support/call-world.js';

let world: CallWorld;
beforeEach(() => {
  world = new CallWorld({
    trunks: [
      testTrunk('one', { noResponseTimeoutMs: 4000, noAnswerTimeoutMs: 30_000 }),
      testTrunk('two', { numberFormat: 'e164-without-plus' }),
    ],
  });
});
afterEach(() => world.expectClean());

describe('several routes', () => {
  it.each([
    ['a server failure', 503, false],
    ['a carrier that is dead', 408, true],
    ['a transport error', 503, true],
    ['refused credentials', 403, false],
  ])('tries the next after %s', async (_name, status, local) => {
    const { browser, carrier } = await world.dial();
    carrier.refuse(status, { local });
    await world.settle();
    const second = world.lastCarrierCall();
    expect(second.request.uri).toBe('sip:49301234@two.example;transport=udp');
    expect(second.request.offer).toContain('o=gateway 2');
    second.answer();
    await world.settle();
    browser.dialog!.hangUp();
    await world.settle();
    expect(world.lastRecord).toMatchObject({ trunk: 'two', attempts: [{ trunk: 'one' }] });
  });

  it.each([486, 600, 603, 607, 404])('stops at %i', async (status) => {
    const { browser, carrier } = await world.dial();
    carrier.refuse(status);
    await world.settle();
    expect(world.endpoint.carrierCalls).toHaveLength(1);
    expect(browser.refused?.status).toBe(status);
  });

  it('stops at a server failure once somebody was rung', async () => {
    const { browser, carrier } = await world.dial();
    carrier.ring();
    await world.settle();
    carrier.refuse(500);
    await world.settle();
    expect(world.endpoint.carrierCalls).toHaveLength(1);
    expect(browser.refused).toMatchObject({ status: 502, code: 'CL_TRUNK_FAILED' });
  });

  it('leaves a carrier that is silent, and hangs up on it if it answers later', async () => {
    const { browser, carrier } = await world.dial();
    await world.clock.advanceAsync(3999);
    expect(world.endpoint.carrierCalls).toHaveLength(1);
    await world.clock.advanceAsync(1);
    await world.settle();
    expect(carrier.cancelReceived?.sentence).toBe(
      'The carrier "one" did not begin to ring within 4 s.',
    );
    const second = world.lastCarrierCall();
    second.ring();
    carrier.answer();
    await world.settle();
    expect(carrier.dialog!.open).toBe(false);
    expect(browser.dialog).toBeUndefined();
    second.answer();
    await world.settle();
    browser.dialog!.hangUp();
  });

  it('gives up when nobody answers in time, counted from the INVITE', async () => {
    const { browser, carrier } = await world.dial();
    await world.clock.advanceAsync(2000);
    carrier.ring();
    await world.clock.advanceAsync(27_999);
    expect(browser.refused).toBeUndefined();
    await world.clock.advanceAsync(1);
    await world.settle();
    expect(browser.refused).toMatchObject({
      ...{ status: 480, code: 'NO_ANSWER', sentence: 'Nobody answered within 30 s.' },
    });
    expect(carrier.cancelReceived?.sipStatus).toBe(480);
    expect(world.endpoint.carrierCalls).toHaveLength(1);
  });

  it('reports the last refusal when every route failed', async () => {
    const { browser, carrier } = await world.dial();
    carrier.refuse(503, { reason: 'Service Unavailable' });
    await world.settle();
    world.lastCarrierCall().refuse(500, { reason: 'Oops' });
    await world.settle();
    expect(browser.refused).toMatchObject({
      ...{ status: 502, sentence: 'The carrier "two" failed (500 Oops).' },
    });
    expect(world.lastRecord.attempts).toHaveLength(2);
  });

  it('cancels only the route in use', async () => {
    const { browser, carrier } = await world.dial();
    carrier.refuse(503);
    await world.settle();
    browser.cancel();
    await world.settle();
    expect(carrier.cancelReceived).toBeUndefined();
    expect(world.lastCarrierCall().cancelReceived).toBeDefined();
    expect(world.endpoint.carrierCalls).toHaveLength(2);
  });
});

describe('routes that cannot be tried', () => {
  it('lead to the next one when no offer can be made for them', async () => {
    world.engine.refuseOffers(1, 'The browser and the trunk share no codec.');
    const { browser, carrier } = await world.dial();
    expect(carrier.request.uri).toContain('two.example');
    carrier.answer();
    await world.settle();
    browser.dialog!.hangUp();
    await world.settle();
    expect(world.lastRecord).toMatchObject({
      trunk: 'two',
      attempts: [{ trunk: 'one', sentence: 'The browser and the trunk share no codec.' }],
    });
  });

  it('end the call with the reason when there is no other', async () => {
    world.engine.refuseOffers(2, 'The browser and the trunk share no codec.');
    const browser = world.endpoint.browserDials('+49301234');
    await world.settle();
    expect(browser.refused).toMatchObject({ status: 488, code: 'CL_MEDIA_NO_COMMON_CODEC' });
    expect(world.endpoint.carrierCalls).toHaveLength(0);
  });

  it('rest after a 503 that asks for it, and are tried last meanwhile', async () => {
    const { browser, carrier } = await world.dial();
    carrier.refuse(503, { retryAfterS: 60 });
    await world.settle();
    world.lastCarrierCall().refuse(486);
    await world.settle();
    expect(browser.refused?.status).toBe(486);
    const second = await world.dial();
    expect(second.carrier.request.uri).toContain('two.example');
    second.carrier.refuse(500);
    await world.settle();
    expect(world.lastCarrierCall().request.uri).toContain('one.example');
    world.lastCarrierCall().refuse(486);
    await world.settle();
    await world.clock.advanceAsync(60_000);
    const third = await world.dial();
    expect(third.carrier.request.uri).toContain('one.example');
    third.carrier.refuse(486);
  });
});

describe('a trunk with a limit', () => {
  const limits = { maxCalls: 1, callsPerSecond: 0 };

  it('passes calls beyond it to the next trunk, and takes them again when the call is over', async () => {
    world = new CallWorld({ trunks: [testTrunk('one', { limits }), testTrunk('two')] });
    const first = await world.connect();
    const second = await world.dial();
    expect(second.carrier.request.uri).toContain('two.example');
    second.carrier.refuse(486);
    first.browser.dialog!.hangUp();
    await world.settle();
    const third = await world.dial();
    expect(third.carrier.request.uri).toContain('one.example');
    third.browser.cancel();
    await world.settle();
    const fourth = await world.dial();
    expect(fourth.carrier.request.uri).toContain('one.example');
    fourth.carrier.refuse(486);
  });

  it('refuses with 503 and the limit when there is no other trunk', async () => {
    world = new CallWorld({ trunks: [testTrunk('one', { limits })] });
    const first = await world.connect();
    const browser = world.endpoint.browserDials('+49301234');
    await world.settle();
    expect(browser.refused).toMatchObject({
      ...{ status: 503, code: 'CL_TRUNK_FULL' },
      sentence: 'The trunk "one" carries 1 calls, as many as it may (limits.maxCalls 1).',
    });
    first.browser.dialog!.hangUp();
  });
});

describe('a caller who hides the number', () => {
  it('is hidden from the called party', async () => {
    const browser = world.endpoint.browserDials('+49301234', { headers: { Privacy: 'id' } });
    await world.settle();
    const { from, headers } = world.lastCarrierCall().request;
    expect(from.uri).toBe('sip:anonymous@anonymous.invalid');
    expect(headers).toMatchObject({ Privacy: 'id' });
    browser.cancel();
  });
});

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

import { afterEach, describe, expect, it } from 'vitest';
import type { InboundRule } from '../../gateway/calls/inbound-numbers.js';
import { CallWorld, testTrunk } from '../support/call-world.js';
import { trunkDials, type TrunkCall } from '../support/memory-trunk-call.js';

const ALICE: InboundRule = {
  ...{ name: 'alice', numbers: ['+493011'], target: { kind: 'user', user: 'alice' } },
};

let world: CallWorld;
afterEach(() => world.expectClean());

/** The carrier of the trunk "one" calls alice. */
async function called(): Promise<TrunkCall> {
  const call = trunkDials(world.endpoint, '+493011');
  await world.settle();
  return call;
}

describe('limits', () => {
  it('refuses a call above the total with Retry-After, and takes one again later', async () => {
    world = new CallWorld({ limits: { maxCalls: 1 } });
    const { browser } = await world.connect();
    const second = world.endpoint.browserDials('+4930', { user: 'bob' });
    await world.settle();
    expect(second.refused).toMatchObject({ status: 503, code: 'CL_CALL_LIMIT', retryAfterS: 10 });
    browser.dialog!.hangUp();
    await world.settle();
    const { browser: third } = await world.connect();
    third.dialog!.hangUp();
  });

  it('hold for the calls of trunks, too', async () => {
    world = new CallWorld({ limits: { maxCalls: 1 } });
    const { browser } = await world.connect();
    const carrier = trunkDials(world.endpoint, '+493011');
    await world.settle();
    expect(carrier.refused).toMatchObject({ status: 503, code: 'CL_CALL_LIMIT', retryAfterS: 10 });
    browser.dialog!.hangUp();
  });

  it('of a trunk hold for its calls in both directions, and each gives its channel back', async () => {
    const limits = { maxCalls: 1, callsPerSecond: 0 };
    world = new CallWorld({
      ...{ trunks: [testTrunk('one', { limits }), testTrunk('two')], inbound: [ALICE] },
    });
    world.devices.register('alice');
    const first = await called();
    expect(world.endpoint.carrierCalls).toHaveLength(1);
    const second = await called();
    expect(second.refused).toEqual({
      ...{ status: 503, code: 'CL_TRUNK_FULL', retryAfterS: 10 },
      sentence: 'The trunk "one" carries 1 calls, as many as it may (limits.maxCalls 1).',
    });
    const { browser, carrier } = await world.dial();
    expect(carrier.request.uri).toContain('@two.example');
    browser.cancel();
    first.cancel();
    await world.settle();
    const { browser: out, carrier: overFirst } = await world.dial();
    expect(overFirst.request.uri).toContain('@one.example');
    expect((await called()).refused?.code).toBe('CL_TRUNK_FULL');
    out.cancel();
  });

  it('of a trunk for calls per second are filled by its own calls, too', async () => {
    const limits = { maxCalls: 0, callsPerSecond: 1 };
    world = new CallWorld({ trunks: [testTrunk('one', { limits })], inbound: [ALICE] });
    expect((await called()).refused?.code).toBe('CL_CALL_NOT_REGISTERED');
    expect((await called()).refused).toMatchObject({ status: 503, code: 'CL_TRUNK_FULL' });
    await world.clock.advanceAsync(1_000);
    expect((await called()).refused?.code).toBe('CL_CALL_NOT_REGISTERED');
  });

  it('counts per user', async () => {
    world = new CallWorld({ limits: { maxCallsPerUser: 1 } });
    const { browser } = await world.connect();
    const own = world.endpoint.browserDials('+4930', { user: 'alice' });
    const other = world.endpoint.browserDials('+4930', { user: 'bob' });
    await world.settle();
    expect(own.refused?.code).toBe('CL_CALL_USER_LIMIT');
    expect(other.refused).toBeUndefined();
    other.cancel();
    browser.dialog!.hangUp();
  });

  it('ends a call at its longest duration', async () => {
    world = new CallWorld({ timeouts: { maxDurationMs: 60_000 } });
    const { browser, carrier } = await world.connect();
    await world.clock.advanceAsync(60_000);
    await world.settle();
    expect(browser.dialog!.byeReceived?.sentence).toContain('60 s');
    expect(carrier.dialog!.open).toBe(false);
    expect(world.lastRecord.end.code).toBe('MAX_DURATION');
  });

  it('drains: refuses new calls and waits for the present one', async () => {
    world = new CallWorld();
    const { browser } = await world.connect();
    let drained = false;
    const draining = world.calls.drain().then(() => {
      drained = true;
    });
    const late = world.endpoint.browserDials('+4930');
    await world.clock.advanceAsync(11_000);
    expect(late.refused).toMatchObject({ status: 503, code: 'CL_CALL_DRAINING', retryAfterS: 10 });
    expect(drained).toBe(false);
    browser.dialog!.hangUp();
    await draining;
    expect(world.calls.count).toBe(0);
  });

  it('ends all calls in any state', async () => {
    world = new CallWorld();
    const { browser: up, carrier } = await world.connect();
    const { browser: ringing, carrier: second } = await world.dial();
    second.ring();
    await world.settle();
    await world.calls.endAll('The gateway was stopped.');
    expect(up.dialog!.byeReceived?.sentence).toBe('The gateway was stopped.');
    expect(carrier.dialog!.open).toBe(false);
    expect(ringing.refused).toMatchObject({ status: 503, code: 'CL_CALL_SHUTDOWN' });
    expect(second.cancelReceived?.sentence).toBe('The gateway was stopped.');
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { CallWorld } from '../support/call-world.js';
import { trunkDials } from '../support/memory-trunk-call.js';

let world: CallWorld;
afterEach(() => world.expectClean());

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

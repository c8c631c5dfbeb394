import { afterEach, describe, expect, it } from 'vitest';
import { CallWorld, testTrunk } from '../support/call-world.js';
import type { BrowserCall } from '../support/memory-sip.js';

/** RFC 6881 section 9.3: what protects the operator does not stand in the way of an emergency call. */
let world: CallWorld;
afterEach(() => world.expectClean());

/** Alice calls 112, and the carrier answers. */
async function helped(): Promise<BrowserCall> {
  const browser = world.endpoint.browserDials('112', { user: 'alice' });
  await world.settle();
  const carrier = world.lastCarrierCall();
  expect(carrier.request.uri).toContain('112@');
  carrier.answer();
  await world.settle();
  expect(browser.refused).toBeUndefined();
  expect(browser.dialog?.open).toBe(true);
  return browser;
}

/** A call to anywhere else is refused for this reason. */
async function refusedOtherwise(code: string): Promise<void> {
  const other = world.endpoint.browserDials('+4930', { user: 'alice' });
  await world.settle();
  expect(other.refused?.code).toBe(code);
}

describe('an emergency call passes', () => {
  it.each([
    ['the limit of all calls', { maxCalls: 1 }, 'CL_CALL_LIMIT'],
    ['the limit of its user', { maxCallsPerUser: 1 }, 'CL_CALL_USER_LIMIT'],
  ])('%s', async (...[, limits, code]) => {
    world = new CallWorld({ limits });
    const { browser } = await world.connect();
    await refusedOtherwise(code);
    const call = await helped();
    await refusedOtherwise(code);
    call.dialog!.hangUp();
    browser.dialog!.hangUp();
  });

  it('a trunk without a free channel, and is counted there', async () => {
    const limits = { maxCalls: 1, callsPerSecond: 0 };
    world = new CallWorld({ trunks: [testTrunk('one', { limits })] });
    const { browser } = await world.connect();
    await refusedOtherwise('CL_TRUNK_FULL');
    const call = await helped();
    browser.dialog!.hangUp();
    await world.settle();
    await refusedOtherwise('CL_TRUNK_FULL');
    call.dialog!.hangUp();
    await world.settle();
    const { browser: next } = await world.connect();
    next.dialog!.hangUp();
  });

  it('a trunk that was given as many calls within a second as it may', async () => {
    const limits = { maxCalls: 0, callsPerSecond: 1 };
    world = new CallWorld({ trunks: [testTrunk('one', { limits })] });
    const { browser } = await world.connect();
    await refusedOtherwise('CL_TRUNK_FULL');
    (await helped()).dialog!.hangUp();
    browser.dialog!.hangUp();
  });

  it('a gateway that drains, which waits for it, but none that is being closed', async () => {
    world = new CallWorld();
    const { browser } = await world.connect();
    const drained = world.calls.drain();
    await refusedOtherwise('CL_CALL_DRAINING');
    const call = await helped();
    browser.dialog!.hangUp();
    await world.settle();
    expect(world.calls.count).toBe(1);
    call.dialog!.hangUp();
    await drained;
    await world.calls.endAll('The gateway was stopped.');
    const late = world.endpoint.browserDials('112');
    await world.settle();
    expect(late.refused?.code).toBe('CL_CALL_DRAINING');
  });

  it('the longest duration of a call', async () => {
    world = new CallWorld({ timeouts: { maxDurationMs: 60_000 } });
    const call = await helped();
    await world.clock.advanceAsync(3_600_000);
    expect(call.dialog!.open).toBe(true);
    call.dialog!.hangUp();
  });
});

it('an emergency call may be passed on over a trunk that is full', async () => {
  const limits = { maxCalls: 1, callsPerSecond: 0 };
  world = new CallWorld({ trunks: [testTrunk('one', { limits })] });
  const { browser, carrier } = await world.connect();
  carrier.dialog!.answerReoffer = () => Promise.resolve('v=0\r\no=c 1 2 IN IP4 192.0.2.1\r\n');
  browser.dialog!.peerRefer('112');
  await world.settle();
  const target = world.lastCarrierCall();
  expect(target.request.uri).toContain('112@');
  target.answer();
  await world.settle();
  expect(target.dialog!.open).toBe(true);
  target.dialog!.hangUp();
});

it('an emergency number is no extension', async () => {
  world = new CallWorld();
  world.devices.register('bob');
  const call = await helped();
  expect(world.calls.list()).toMatchObject([{ direction: 'outbound', rule: 'emergency' }]);
  call.dialog!.hangUp();
});

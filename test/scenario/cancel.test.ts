import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CallWorld } from '../support/call-world.js';

let world: CallWorld;
beforeEach(() => {
  world = new CallWorld();
});
afterEach(async () => {
  await world.expectClean();
  expect(world.lastRecord.end).toMatchObject({ by: 'browser', code: 'CANCELLED', sipStatus: 487 });
});

describe('the caller hangs up before the answer', () => {
  it('while the media session is being opened: the session is closed when it comes', async () => {
    let release = (): void => undefined;
    world.engine.holdOpen = new Promise((resolve) => {
      release = resolve;
    });
    const browser = world.endpoint.browserDials('+4930');
    await world.settle();
    browser.cancel();
    await world.settle();
    release();
    await world.settle();
    expect(world.engine.sessions[0]!.open).toBe(false);
    expect(world.endpoint.carrierCalls).toHaveLength(0);
  });

  it('before the carrier rings', async () => {
    const { browser, carrier } = await world.dial();
    browser.cancel();
    await world.settle();
    expect(carrier.cancelReceived).toMatchObject({
      sentence: 'The caller hung up before the call was answered.',
    });
    expect(browser.refused).toBeUndefined();
  });

  it('while it rings', async () => {
    const { browser, carrier } = await world.dial();
    carrier.ring();
    await world.settle();
    browser.cancel();
    await world.settle();
    expect(carrier.cancelReceived).toBeDefined();
  });

  it('with early media', async () => {
    const { browser, carrier } = await world.dial();
    carrier.ring(183, 'v=0');
    browser.cancel();
    await world.settle();
    expect(carrier.cancelReceived).toBeDefined();
  });

  it('while the carrier’s 200 is on its way: the carrier gets BYE', async () => {
    const { browser, carrier } = await world.dial();
    browser.cancel();
    carrier.answer();
    await world.settle();
    expect(carrier.dialog!.open).toBe(false);
  });

  it('just after the carrier’s 200: the carrier gets BYE', async () => {
    const { browser, carrier } = await world.dial();
    carrier.answer();
    browser.cancel();
    await world.settle();
    expect(carrier.dialog!.byeReceived?.sipStatus).toBe(487);
    expect(browser.dialog).toBeUndefined();
  });

  it('while our 200 is on its way: the carrier gets BYE', async () => {
    const { browser, carrier } = await world.dial();
    browser.cancelDuringAccept = true;
    carrier.answer();
    await world.settle();
    expect(carrier.dialog!.byeReceived?.sipStatus).toBe(487);
  });

  it('at once, before the gateway looked at the INVITE', async () => {
    const browser = world.endpoint.browserDials('+4930');
    browser.cancel();
    await world.settle();
    expect(world.endpoint.carrierCalls.every(({ cancelReceived }) => cancelReceived)).toBe(true);
  });
});

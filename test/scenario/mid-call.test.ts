import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CallWorld } from '../support/call-world.js';

const REPORT = 'application/vnd.copperline.dtmf-report+json';

let world: CallWorld;
beforeEach(() => {
  world = new CallWorld({ timeouts: { websocketGraceMs: 10_000 } });
});
afterEach(() => world.expectClean());

describe('the WebSocket is lost', () => {
  it('ends a call that is up after the grace period, not before', async () => {
    const { browser, carrier } = await world.connect();
    browser.loseWebSocket();
    await world.clock.advanceAsync(9_999);
    expect(carrier.dialog!.open).toBe(true);
    expect(world.calls.list()[0]!.state).toBe('detached');
    await world.clock.advanceAsync(1);
    await world.settle();
    expect(carrier.dialog!.byeReceived?.sentence).toBe(
      'The WebSocket of the browser was lost and did not come back within 10 s.',
    );
    expect(world.lastRecord.end).toMatchObject({ by: 'browser', code: 'CL_CALL_BROWSER_LOST' });
  });

  it('leaves the end to the carrier when that hangs up first', async () => {
    const { browser, carrier } = await world.connect();
    browser.loseWebSocket();
    await world.clock.advanceAsync(3000);
    carrier.dialog!.hangUp();
    await world.settle();
    expect(world.lastRecord.end).toMatchObject({ by: 'carrier', code: 'NORMAL' });
  });

  it('cancels a call that still rings at once', async () => {
    const { browser, carrier } = await world.dial();
    carrier.ring();
    await world.settle();
    browser.loseWebSocket();
    await world.settle();
    expect(carrier.cancelReceived?.sentence).toBe('The WebSocket of the browser was lost.');
    expect(world.lastRecord.end.code).toBe('CL_CALL_BROWSER_LOST');
  });
});

describe('INFO', () => {
  it('of the carrier with a DTMF report goes to the browser unchanged, any other is refused', async () => {
    const { browser, carrier } = await world.connect();
    const report = {
      contentType: 'application/vnd.copperline.dtmf-report+json',
      content: '{"events":[]}',
    };
    const peer = carrier.dialog!;
    expect(await peer.peerInfo(report)).toBe(200);
    expect(await peer.peerInfo({ contentType: 'text/plain', content: 'hi' })).toBe(415);
    await world.settle();
    expect(browser.dialog!.infos).toEqual([report]);
    browser.dialog!.hangUp();
  });

  it('of a carrier that comes before the browser has its 200 reaches it afterwards', async () => {
    const { browser, carrier } = await world.dial();
    let release = (): void => undefined;
    browser.holdAccept = new Promise((resolve) => {
      release = resolve;
    });
    const peer = carrier.answer();
    await world.settle();
    const report = { contentType: REPORT, content: '{}' };
    expect(await peer.peerInfo(report)).toBe(200);
    release();
    await world.settle();
    expect(browser.dialog!.infos).toEqual([report]);
    peer.hangUp();
  });
});

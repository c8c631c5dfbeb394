import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../gateway/kernel/log.js';
import { CallWorld } from '../support/call-world.js';
import { BROWSER_OFFER } from '../support/memory-sip.js';

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

describe('INFO and DTMF', () => {
  it('shows the browser each digit that the carrier sends, in order', async () => {
    const { browser } = await world.connect();
    for (const digit of ['1', '#', 'A'])
      world.engine.sessions[0]!.handlers.onDigit({ from: 'callee', digit, durationMs: 100.4 });
    world.engine.sessions[0]!.handlers.onDigit({ from: 'caller', digit: '9', durationMs: 100 });
    await world.settle();
    expect(browser.dialog!.infos.map(({ content }) => content)).toEqual([
      'Signal=1\r\nDuration=100\r\n',
      'Signal=#\r\nDuration=100\r\n',
      'Signal=A\r\nDuration=100\r\n',
    ]);
    browser.dialog!.hangUp();
  });

  it('reads the carrier’s INFO digits and passes a DTMF report on unchanged', async () => {
    const { browser, carrier } = await world.connect();
    const report = {
      contentType: 'application/vnd.copperline.dtmf-report+json',
      content: '{"events":[]}',
    };
    const peer = carrier.dialog!;
    const relay = 'application/dtmf-relay';
    expect(await peer.peerInfo({ contentType: relay, content: 'Signal= 5\r\n' })).toBe(200);
    expect(await peer.peerInfo({ contentType: 'application/dtmf', content: '11' })).toBe(200);
    expect(await peer.peerInfo(report)).toBe(200);
    expect(await peer.peerInfo({ contentType: relay, content: 'Signal=X' })).toBe(400);
    expect(await peer.peerInfo({ contentType: 'text/plain', content: 'hi' })).toBe(415);
    await world.settle();
    expect(browser.dialog!.infos).toEqual([
      { contentType: relay, content: 'Signal=5\r\nDuration=100\r\n' },
      { contentType: relay, content: 'Signal=#\r\nDuration=100\r\n' },
      report,
    ]);
    browser.dialog!.hangUp();
  });

  it('passes the browser’s INFO digit to the carrier and answers as the carrier does', async () => {
    const { browser, carrier } = await world.connect();
    const body = { contentType: 'application/dtmf-relay', content: 'Signal=7\r\nDuration=80\r\n' };
    carrier.dialog!.infoStatus = 415;
    expect(await browser.dialog!.peerInfo(body)).toBe(415);
    expect(carrier.dialog!.infos).toEqual([body]);
    browser.dialog!.hangUp();
  });

  it('never logs a digit, at any level', async () => {
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    world = new CallWorld({ log: createLog({ level: 'trace', destination }) });
    const { browser, carrier } = await world.connect();
    world.engine.sessions[0]!.handlers.onDigit({ from: 'callee', digit: '#', durationMs: 777 });
    await carrier.dialog!.peerInfo({
      contentType: 'application/dtmf-relay',
      content: 'Signal=D\r\nDuration=777\r\n',
    });
    await world.settle();
    browser.dialog!.hangUp();
    await world.settle();
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.filter((line) => /Signal|777/.test(line))).toEqual([]);
    expect(world.cdrLines.join('')).not.toMatch(/Signal|777/);
  });
});

describe('re-offers', () => {
  it('answers a session refresh with what was agreed', async () => {
    const { browser, carrier } = await world.connect();
    expect(await carrier.dialog!.peerReoffer(undefined)).toContain('o=gateway 1');
    expect(await browser.dialog!.peerReoffer(BROWSER_OFFER)).toBe(browser.answer);
    browser.dialog!.hangUp();
  });

  it('refuses a change and keeps the call', async () => {
    const { browser, carrier } = await world.connect();
    await expect(
      carrier.dialog!.peerReoffer('v=0\r\no=carrier 1 2 IN IP4 192.0.2.1\r\n'),
    ).rejects.toMatchObject({ code: 'CL_CALL_REOFFER', sipStatus: 488 });
    expect(world.calls.list()[0]!.state).toBe('up');
    browser.dialog!.hangUp();
  });
});

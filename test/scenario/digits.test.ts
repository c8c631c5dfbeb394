import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../gateway/kernel/log.js';
import type { TrunkDtmf } from '../../gateway/trunks/trunk.js';
import { CallWorld, testTrunk } from '../support/call-world.js';
import type { ScriptedSession } from '../support/scripted-engine.js';

const RELAY = 'application/dtmf-relay';
const relayed = (signal: string, durationMs = 100): { contentType: string; content: string } => ({
  contentType: RELAY,
  content: `Signal=${signal}\r\nDuration=${durationMs}\r\n`,
});

let world: CallWorld;
beforeEach(() => {
  world = new CallWorld();
});
afterEach(() => world.expectClean());

const worldWith = (dtmf: TrunkDtmf): CallWorld =>
  new CallWorld({ trunks: [testTrunk('one', { dtmf, minToneMs: 80, minGapMs: 60 })] });

const media = (): ScriptedSession => world.engine.sessions[0]!;

function hear(digits: string, how: { from: 'caller' | 'callee'; carried: boolean }): void {
  for (const digit of digits) media().handlers.onDigit({ ...how, digit, durationMs: 100.4 });
}

describe('digits of the carrier', () => {
  it('that the media heard are shown to the browser, in order; its own are not', async () => {
    const { browser } = await world.connect();
    hear('1#A', { from: 'callee', carried: true });
    hear('9', { from: 'caller', carried: true });
    await world.settle();
    expect(browser.dialog!.infos).toEqual(['1', '#', 'A'].map((digit) => relayed(digit)));
    browser.dialog!.hangUp();
  });

  it('by INFO are played and shown to the browser', async () => {
    const { browser, carrier } = await world.connect();
    const peer = carrier.dialog!;
    expect(await peer.peerInfo({ contentType: RELAY, content: 'Signal= 5\r\n' })).toBe(200);
    expect(await peer.peerInfo({ contentType: 'application/dtmf', content: '11' })).toBe(200);
    expect(await peer.peerInfo(relayed('X'))).toBe(400);
    await world.settle();
    expect(browser.dialog!.infos).toEqual([relayed('5'), relayed('#')]);
    expect(media().digits).toEqual([
      { to: 'caller', digit: '5', durationMs: 100 },
      { to: 'caller', digit: '#', durationMs: 100 },
    ]);
    browser.dialog!.hangUp();
  });

  it('by INFO that the media heard as well are shown once', async () => {
    const { browser, carrier } = await world.connect();
    hear('5', { from: 'callee', carried: true });
    media().fate = 'repeated';
    expect(await carrier.dialog!.peerInfo(relayed('5'))).toBe(200);
    await world.settle();
    expect(browser.dialog!.infos).toEqual([relayed('5')]);
    browser.dialog!.hangUp();
  });
});

describe('INFO digits of the browser', () => {
  it('are played to the carrier, with their durations kept to 40 to 6000 ms, and not sent on', async () => {
    const { browser, carrier } = await world.connect();
    for (const ms of [10, 160, 60_000])
      expect(await browser.dialog!.peerInfo(relayed('7', ms))).toBe(200);
    expect(media().digits).toEqual(
      [40, 160, 6000].map((durationMs) => ({ to: 'callee', digit: '7', durationMs })),
    );
    expect(carrier.dialog!.infos).toEqual([]);
    browser.dialog!.hangUp();
  });

  it('that the media heard as well are answered, and nothing else', async () => {
    world = worldWith('info');
    const { browser, carrier } = await world.connect();
    hear('7', { from: 'caller', carried: false });
    media().fate = 'repeated';
    expect(await browser.dialog!.peerInfo(relayed('7'))).toBe(200);
    await world.settle();
    expect(carrier.dialog!.infos).toEqual([relayed('7')]);
    browser.dialog!.hangUp();
  });

  it('go to a carrier without telephone-event as INFO, and get its answer', async () => {
    const { browser, carrier } = await world.connect();
    media().fate = 'untaken';
    carrier.dialog!.infoStatus = 415;
    expect(await browser.dialog!.peerInfo(relayed('7'))).toBe(415);
    expect(carrier.dialog!.infos).toEqual([relayed('7')]);
    browser.dialog!.hangUp();
  });

  it('are refused when the trunk wants events only and its media takes none', async () => {
    world = worldWith('rfc4733');
    const { browser, carrier } = await world.connect();
    media().fate = 'untaken';
    expect(await browser.dialog!.peerInfo(relayed('7'))).toBe(488);
    hear('8', { from: 'caller', carried: false });
    await world.settle();
    expect(carrier.dialog!.infos).toEqual([]);
    browser.dialog!.hangUp();
  });

  it('are refused when the media is gone', async () => {
    const { browser } = await world.connect();
    media().sendDigits = () => Promise.reject(new Error('the worker died'));
    expect(await browser.dialog!.peerInfo(relayed('7'))).toBe(480);
    browser.dialog!.hangUp();
  });
});

describe('a trunk that is told digits by INFO', () => {
  it.each([
    ['info', 'info'],
    ['info-dtmf', 'info'],
    ['rfc4733', 'rfc4733'],
    ['auto', 'auto'],
  ] as const)('%s asks the media for %s', async (dtmf, inMedia) => {
    world = worldWith(dtmf);
    const { browser } = await world.connect();
    expect(media().offers[0]!.policies.to.dtmf).toBe(inMedia);
    browser.dialog!.hangUp();
  });

  it('gets each once, in order, each after tone and pause of the one before', async () => {
    world = worldWith('info');
    const { browser, carrier } = await world.connect();
    const digits = '1123*#ABCD';
    hear(digits, { from: 'caller', carried: false });
    const { infos } = carrier.dialog!;
    await world.settle();
    expect(infos).toHaveLength(1);
    await world.clock.advanceAsync(160);
    expect(infos).toHaveLength(1);
    await world.clock.advanceAsync(1);
    expect(infos).toHaveLength(2);
    await world.clock.advanceAsync(161 * digits.length);
    expect(infos).toEqual(Array.from(digits, (digit) => relayed(digit)));
    browser.dialog!.hangUp();
  });

  it('gets no shorter tone than it wants, and flash as 16', async () => {
    world = worldWith('info');
    const { browser, carrier } = await world.connect();
    media().handlers.onDigit({ from: 'caller', digit: 'R', durationMs: 40, carried: false });
    await world.settle();
    expect(carrier.dialog!.infos).toEqual([relayed('16', 80)]);
    browser.dialog!.hangUp();
  });

  it('gets the digit alone as application/dtmf', async () => {
    world = worldWith('info-dtmf');
    const { browser, carrier } = await world.connect();
    hear('5', { from: 'caller', carried: false });
    await world.settle();
    expect(carrier.dialog!.infos).toEqual([{ contentType: 'application/dtmf', content: '5' }]);
    browser.dialog!.hangUp();
  });

  it('loses those that wait when the call ends, and nothing stays behind', async () => {
    world = worldWith('info');
    const { browser, carrier } = await world.connect();
    hear('123', { from: 'caller', carried: false });
    media().fate = 'untaken';
    const answered = browser.dialog!.peerInfo(relayed('4'));
    await world.settle();
    carrier.dialog!.hangUp();
    expect(await answered).toBe(480);
    expect(carrier.dialog!.infos).toHaveLength(1);
  });

  it('is not sent more than wait at most', async () => {
    world = worldWith('info');
    const { browser, carrier } = await world.connect();
    hear('5'.repeat(200), { from: 'caller', carried: false });
    await world.clock.advanceAsync(200 * 161);
    // One is under way, 64 wait.
    expect(carrier.dialog!.infos).toHaveLength(65);
    browser.dialog!.hangUp();
  });
});

it('never logs a digit, at any level', async () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const trunks = [testTrunk('one', { dtmf: 'info' })];
  world = new CallWorld({ trunks, log: createLog({ level: 'trace', destination }) });
  const { browser, carrier } = await world.connect();
  const odd = { digit: '#', durationMs: 777 };
  media().handlers.onDigit({ from: 'callee', ...odd, carried: true });
  media().handlers.onDigit({ from: 'caller', ...odd, carried: false });
  await carrier.dialog!.peerInfo(relayed('D', 777));
  media().fate = 'untaken';
  carrier.dialog!.infoStatus = 500;
  const answered = browser.dialog!.peerInfo(relayed('D', 777));
  await world.clock.advanceAsync(2000);
  expect(await answered).toBe(500);
  browser.dialog!.hangUp();
  await world.settle();
  expect(lines.length).toBeGreaterThan(3);
  expect(lines.filter((line) => /Signal|777/.test(line))).toEqual([]);
  expect(world.cdrLines.join('')).not.toMatch(/Signal|777/);
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RelayEngine } from '../../gateway/media/workers/relay-engine.js';
import { PressingBrowser } from '../support/dtmf/pressing-browser.js';
import { ALL_DIGITS, pressAllDigits, type PressedCall } from '../support/dtmf/pressed-call.js';
import { openRelay } from '../support/relay-on-loopback.js';

const TIMING = { toneMs: 100, gapMs: 70 };
/** Seeds the draw of what is lost; any will do, a fixed one fails alike twice. */
const SEED = 42;

// The whole table, with Firefox, other timings and rtpengine beside it: npm run bench -- --only dtmf
describe('sixteen keys of Chromium, 5 % of its packets lost', () => {
  let engine: RelayEngine;
  let browser: PressingBrowser;

  beforeAll(async () => {
    engine = await openRelay({ timeoutMs: 30_000 });
    browser = await PressingBrowser.start('chromium');
  });

  afterAll(async () => {
    expect(await engine.counts()).toMatchObject({ sessions: 0, ports: 0 });
    await browser.close();
    await engine.close();
  });

  it.concurrent.each<Pick<PressedCall, 'codec' | 'way'>>([
    { codec: 'pcmu', way: 'rfc4733' },
    { codec: 'opus', way: 'rfc4733' },
    { codec: 'pcmu', way: 'info' },
    { codec: 'opus', way: 'inband' },
  ])('reach the trunk once each, in order and as long, from $codec as $way', async (about) => {
    const call = { ...about, timing: TIMING, loss: 0.05, seed: SEED };
    const { presses, dropped } = await pressAllDigits(engine, browser, call);
    expect(dropped).toBeGreaterThan(0);
    expect(presses.map(({ digit }) => digit).join('')).toBe(ALL_DIGITS);
    for (const { durationMs } of presses) {
      expect(durationMs).toBeGreaterThanOrEqual(TIMING.toneMs - 20);
      expect(durationMs).toBeLessThanOrEqual(TIMING.toneMs + 20);
    }
  });
});

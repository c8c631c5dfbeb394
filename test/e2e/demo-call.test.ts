import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DtmfReport } from '../../gateway/demo/dtmf-report.js';
import { browserStage } from '../support/browser-stage.js';
import { DemoGateway } from '../support/demo-gateway.js';
import { LiveSoftphone } from '../support/live-softphone.js';

/** What the fake microphone plays. */
const TONE_HZ = 1000;
const ALL_KEYS = '1234567890*#ABCD';

const stage = browserStage({ toneHz: TONE_HZ });
let gateway: DemoGateway;
let phone: LiveSoftphone | undefined;

beforeEach(async () => {
  gateway = await DemoGateway.start({ webRoot: stage.directory });
});

/** Another gateway for this test: its carrier speaks only these codecs. */
async function restartWith(codecs: readonly ('pcmu' | 'g722')[]): Promise<void> {
  await gateway.close();
  gateway = await DemoGateway.start({ webRoot: stage.directory, codecs });
}

/** Every test ends here: one CDR per call, nothing left open. */
afterEach(async () => {
  await phone?.close();
  phone = undefined;
  await expect.poll(() => gateway.app.counts().then(leftovers), { timeout: 20_000 }).toEqual({});
  await expect.poll(() => gateway.carrier.counts().calls, { timeout: 20_000 }).toBe(0);
  await gateway.close();
});

function leftovers(counts: Awaited<ReturnType<DemoGateway['app']['counts']>>): object {
  const { calls, media, sip, web } = counts;
  const open = {
    ...{ calls, sessions: media.sessions, ports: media.ports, dialogs: sip?.dialogs },
    ...{ waiting: sip?.waiting, flows: sip?.flows, sockets: web.connections },
  };
  return Object.fromEntries(Object.entries(open).filter(([, count]) => count !== 0));
}

const CODECS = [
  { name: 'G.711 mu-law', codecs: 'pcmu', codec: 'PCMU' },
  { name: 'G.711 A-law', codecs: 'pcma', codec: 'PCMA' },
  { name: 'Opus', codecs: 'opus', codec: 'OPUS' },
] as const;

describe.each(CODECS)('a call with $name', ({ codecs, codec }) => {
  it('hears its own tone back from 600, and so does the carrier', async () => {
    phone = await LiveSoftphone.open(stage.browser, gateway.app.url, codecs);
    await phone.dial('600', 'in-call');
    const page = phone;
    await expect
      .poll(async () => Math.round((await page.strongestTone())?.frequencyHz ?? 0), {
        timeout: 10_000,
      })
      .toSatisfy((hz: number) => Math.abs(hz - TONE_HZ) < 20);
    await expect
      .poll(() => gateway.carrier.calls()[0]?.hears?.frequencyHz)
      .toSatisfy((hz: number) => Math.abs(hz - TONE_HZ) < 5);
    expect(gateway.carrier.calls()).toMatchObject([{ dialled: '600', codec }]);
    await phone.hangUp();
    expect(phone.complaints).toEqual([]);
  });

  it('hears the carrier’s 440 Hz', async () => {
    phone = await LiveSoftphone.open(stage.browser, gateway.app.url, codecs);
    await phone.dial('440', 'in-call');
    const page = phone;
    await expect
      .poll(async () => (await page.strongestTone())?.frequencyHz ?? 0, { timeout: 10_000 })
      .toSatisfy((hz: number) => Math.abs(hz - 440) < 10);
    await phone.hangUp();
  });

  it('drives the IVR with every key, each arriving once, by the book of RFC 4733', async () => {
    phone = await LiveSoftphone.open(stage.browser, gateway.app.url, codecs);
    const reported = nextReport();
    await phone.dial('700', 'in-call');
    await phone.get('letters-button').click();
    await phone.press(ALL_KEYS);
    const report = await reported;
    expect(report.clockRate).toBe(codec === 'OPUS' ? 48_000 : 8000);
    expect(report.digits.map(({ digit }) => digit).join('')).toBe(ALL_KEYS);
    for (const digit of report.digits) {
      expect(digit.markerPositions).toEqual([0]);
      expect(digit.timestampConstant).toBe(true);
      expect(digit.sequenceContiguous).toBe(true);
      expect(digit.endPackets.count).toBe(3);
      expect(Math.abs(digit.finalDurationMs - 100)).toBeLessThanOrEqual(20);
      expect(digit.gapMs ?? 70).toBeGreaterThanOrEqual(60);
      expect(digit.defects.filter((defect) => !isOfTiming(defect))).toEqual([]);
    }
    // Measured against arrival times, so one late packet proves nothing; a jump would shift them all.
    const jumps = report.digits.map(({ audioResume }) => Math.abs(audioResume?.offByMs ?? 0));
    expect(jumps.sort((a, b) => a - b)[jumps.length / 2]).toBeLessThanOrEqual(20);
    await phone.hangUp();
  });
});

/** Defects that a busy machine causes: they compare timestamps or packets with times of arrival. */
function isOfTiming(defect: string): boolean {
  return /^(end-burst|not-in-real-time|start-timestamp|audio-timestamp)\b/.test(defect);
}

describe('a browser with Opus and a carrier with G.711', () => {
  it('hear each other, and digits arrive by the carrier’s clock', async () => {
    await restartWith(['pcmu']);
    phone = await LiveSoftphone.open(stage.browser, gateway.app.url, 'opus');
    await phone.dial('440', 'in-call');
    const page = phone;
    await expect
      .poll(async () => (await page.strongestTone())?.frequencyHz ?? 0, { timeout: 10_000 })
      .toSatisfy((hz: number) => Math.abs(hz - 440) < 10);
    await expect
      .poll(() => gateway.carrier.calls()[0]?.hears?.frequencyHz)
      .toSatisfy((hz: number) => Math.abs(hz - TONE_HZ) < 5);
    const reported = nextReport();
    await phone.press('159#');
    const report = await reported;
    expect(report.clockRate).toBe(8000);
    expect(report.digits.map(({ digit }) => digit).join('')).toBe('159#');
    for (const digit of report.digits) {
      expect(digit.endPackets.count).toBe(3);
      expect(Math.abs(digit.finalDurationMs - 100)).toBeLessThanOrEqual(20);
    }
    await phone.hangUp();
  });
});

function nextReport(): Promise<DtmfReport> {
  return new Promise((resolve) => {
    const remove = gateway.carrier.onReport((report) => {
      remove();
      resolve(report);
    });
  });
}

describe('before the answer', () => {
  it('hears the announcement of 183 as early media, then reads why the call failed', async () => {
    phone = await LiveSoftphone.open(stage.browser, gateway.app.url, 'pcmu');
    await phone.dial('183', 'early-media');
    const page = phone;
    await expect
      .poll(() => page.page.evaluate<number>('copperline.remoteLevel'), { timeout: 10_000 })
      .toBeGreaterThan(0.1);
    await phone.state('call-state', 'ended');
    expect(await phone.get('error').textContent()).toContain('404');
  });

  it('shows that 999 rings, then talks', async () => {
    phone = await LiveSoftphone.open(stage.browser, gateway.app.url);
    await phone.dial('999', 'ringing');
    await phone.state('call-state', 'in-call');
    await phone.hangUp();
  });

  it('cancels a call that nobody answers', async () => {
    phone = await LiveSoftphone.open(stage.browser, gateway.app.url);
    await phone.dial('408', 'trying');
    await expect.poll(() => gateway.carrier.counts().calls).toBe(1);
    await phone.hangUp();
    await expect.poll(() => gateway.carrier.counts().calls).toBe(0);
  });
});

describe('a call that is refused', () => {
  it.each([
    ['486', 486],
    ['603', 603],
    // One carrier that fails is no overload of ours: RFC 3261 section 16.7 point 6 does not pass 503 on.
    ['503', 502],
  ])('says in a sentence why %s did not go through', async (number, sipStatus) => {
    phone = await LiveSoftphone.open(stage.browser, gateway.app.url);
    await phone.dial(number, 'ended');
    expect(await phone.get('error').textContent()).toMatch(/^\s*[A-Z].{15,}\.\s*$/);
    await phone.close();
    phone = undefined;
    expect(await gateway.close()).toMatchObject([{ dialled: number, end: { sipStatus } }]);
  });
});

describe('the browser', () => {
  it('may vanish in the middle of a call: both sides end, and one CDR says why', async () => {
    await gateway.close();
    gateway = await DemoGateway.start({ webRoot: stage.directory, graceSeconds: 1 });
    phone = await LiveSoftphone.open(stage.browser, gateway.app.url);
    await phone.dial('600', 'in-call');
    await phone.page.goto('about:blank');
    await expect.poll(() => gateway.carrier.counts().calls, { timeout: 30_000 }).toBe(0);
    await expect.poll(() => gateway.app.calls.count).toBe(0);
    const records = await gateway.close();
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({ dialled: '600', user: 'alice', end: { by: 'browser' } });
  });
});

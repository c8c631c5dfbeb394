import { afterEach, describe, expect, it } from 'vitest';
import { browserStage } from '../support/browser-stage.js';
import { DemoGateway } from '../support/demo-gateway.js';
import { LiveSoftphone } from '../support/live-softphone.js';

/** What the fake microphones play. */
const TONE_HZ = 1000;
const BOB = '+493012345671';

const stage = browserStage({ toneHz: TONE_HZ });
let gateway: DemoGateway;
const pages: LiveSoftphone[] = [];

afterEach(async () => {
  for (const page of pages.splice(0)) await page.close();
  await gateway.close();
});

async function start(graceSeconds: number): Promise<void> {
  gateway = await DemoGateway.start({ webRoot: stage.directory, graceSeconds });
}

async function open(): Promise<LiveSoftphone> {
  const page = await LiveSoftphone.open(stage.browser, gateway.app.url);
  pages.push(page);
  return page;
}

/** As the button of the browser does: the page is not told in advance. */
async function reload(page: LiveSoftphone): Promise<void> {
  await page.page.reload();
  await page.state('call-state', 'in-call');
}

const hearsTone = (page: LiveSoftphone) =>
  expect
    .poll(async () => Math.round((await page.strongestTone())?.frequencyHz ?? 0), {
      timeout: 20_000,
    })
    .toSatisfy((hz: number) => Math.abs(hz - TONE_HZ) < 20);

/** Text of the timer in seconds. */
async function timer(page: LiveSoftphone): Promise<number> {
  const [minutes = 0, seconds = 0] = ((await page.get('timer').textContent()) ?? '')
    .trim()
    .split(':')
    .map(Number);
  return minutes * 60 + seconds;
}

const callIds = () => gateway.app.calls.list().map(({ id }) => id);

describe('a reload in the middle of a call', () => {
  it('keeps the call with its timer, its direction and a muted microphone', async () => {
    await start(60);
    const page = await open();
    await page.dial('600', 'in-call');
    await hearsTone(page);
    await page.get('mute-button').click();
    await expect.poll(() => timer(page), { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
    const before = callIds();
    expect(before).toHaveLength(1);
    await reload(page);
    expect(await timer(page)).toBeGreaterThanOrEqual(2);
    expect(callIds()).toEqual(before);
    expect(gateway.carrier.counts().calls).toBe(1);
    // What was muted for a reason is not opened by a reload.
    expect(await page.get('mute-button').getAttribute('aria-pressed')).toBe('true');
    await page.get('mute-button').click();
    await hearsTone(page);
    await page.hangUp();
    await page.page.getByRole('button', { name: /^600 .*outgoing$/ }).waitFor();
    await expect.poll(() => gateway.carrier.counts().calls, { timeout: 20_000 }).toBe(0);
    expect(page.complaints).toEqual([]);
    expect(await gateway.close()).toHaveLength(1);
  });

  it('keeps it at both ends, and asks nobody for the password again', async () => {
    await start(60);
    const bob = await open();
    await bob.get('sign-out').click();
    const account = gateway.account('bob');
    await bob.fillIn(account);
    await bob.state('registration-state', 'registered');
    const alice = await open();
    await alice.dial(BOB, 'ringing');
    await bob.get('answer-button').click();
    await alice.state('call-state', 'in-call');
    await bob.state('call-state', 'in-call');
    const before = callIds();
    await reload(bob);
    await bob.page.getByText('Signed in as bob').waitFor();
    const stored = await bob.page.evaluate<string>(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }])',
    );
    expect(stored).not.toContain(account.password);
    await reload(alice);
    expect(callIds()).toEqual(before);
    await hearsTone(alice);
    await hearsTone(bob);
    await bob.hangUp();
    await alice.state('call-state', 'ended');
    await bob.page.getByRole('button', { name: /^Alice .*incoming$/ }).waitFor();
  });
});

describe('a tab that is closed in the middle of a call', () => {
  it('leaves a call that ends when nobody comes back in time', async () => {
    await start(1);
    const page = await open();
    await page.dial('600', 'in-call');
    await page.page.close();
    await expect.poll(() => gateway.carrier.counts().calls, { timeout: 30_000 }).toBe(0);
    await expect.poll(() => gateway.app.calls.count, { timeout: 30_000 }).toBe(0);
    expect(await gateway.close()).toMatchObject([{ dialled: '600', end: { by: 'browser' } }]);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { browserStage } from '../support/browser-stage.js';
import { DemoGateway } from '../support/demo-gateway.js';
import { LiveSoftphone } from '../support/live-softphone.js';

/** What the fake microphones play. */
const TONE_HZ = 1000;
const BOB = '+493012345671';

const stage = browserStage({ toneHz: TONE_HZ });
let gateway: DemoGateway;
const pages: LiveSoftphone[] = [];

beforeEach(async () => {
  gateway = await DemoGateway.start({ webRoot: stage.directory });
});
/** Nobody is left in a call. */
afterEach(async () => {
  for (const page of pages.splice(0)) await page.close();
  await expect.poll(() => gateway.app.calls.count, { timeout: 20_000 }).toBe(0);
  await expect.poll(() => gateway.carrier.counts().calls, { timeout: 20_000 }).toBe(0);
  await gateway.close();
});

async function alice(): Promise<LiveSoftphone> {
  const page = await LiveSoftphone.open(stage.browser, gateway.app.url);
  pages.push(page);
  return page;
}

/** The demo's page signs in as alice by itself; bob signs in by the form. */
async function bob(): Promise<LiveSoftphone> {
  const page = await alice();
  await page.get('sign-out').click();
  await page.fillIn(gateway.account('bob'));
  await page.state('registration-state', 'registered');
  return page;
}

async function hears(page: LiveSoftphone, hz: number): Promise<void> {
  await expect
    .poll(async () => Math.round((await page.strongestTone())?.frequencyHz ?? 0), {
      timeout: 10_000,
    })
    .toSatisfy((heard: number) => Math.abs(heard - hz) < 20);
}

/** Alice calls bob, who answers. */
async function talk(): Promise<{ caller: LiveSoftphone; callee: LiveSoftphone }> {
  const callee = await bob();
  const caller = await alice();
  await caller.dial(BOB, 'ringing');
  await callee.state('call-state', 'incoming');
  expect(await callee.get('caller').textContent()).toBe('Alice');
  expect(await callee.get('verified').textContent()).toContain('verified');
  await callee.get('answer-button').click();
  await callee.state('call-state', 'in-call');
  await caller.state('call-state', 'in-call');
  return { caller, callee };
}

describe('two pages', () => {
  it('ring, hear each other, hold and resume, and see how good the call is', async () => {
    const { caller, callee } = await talk();
    await hears(callee, TONE_HZ);
    await hears(caller, TONE_HZ);
    await callee.get('hold-button').click();
    await callee.get('call-state').filter({ hasText: 'On hold' }).waitFor();
    await expect
      .poll(async () => (await caller.strongestTone())?.levelDb ?? -200, { timeout: 10_000 })
      .toBeLessThan(-70);
    await callee.get('hold-button').click();
    await callee.get('call-state').filter({ hasText: 'In call' }).waitFor();
    await hears(caller, TONE_HZ);
    await callee.page.locator('[data-testid=quality][data-grade]').waitFor();
    await callee.hangUp();
    await caller.state('call-state', 'ended');
    await caller.get(`recent-${BOB}`).waitFor();
    expect([...caller.complaints, ...callee.complaints]).toEqual([]);
  });

  it('decline: the caller reads it, and who declined finds the call in the list', async () => {
    const callee = await bob();
    const caller = await alice();
    await caller.dial(BOB, 'ringing');
    await callee.state('call-state', 'incoming');
    await callee.get('decline-button').click();
    await caller.state('call-state', 'ended');
    await callee.state('call-state', 'ended');
    expect(await callee.get('call-state').textContent()).toContain('You declined the call.');
    await callee.page.getByRole('button', { name: /^Alice .*missed$/ }).waitFor();
  });
});

describe('a second call', () => {
  it('that rings is taken with the first one on hold; the dial pad for another one can be left again', async () => {
    const callee = await bob();
    await callee.dial('440', 'in-call');
    await callee.get('add-button').click();
    await callee.get('back-button').click();
    await callee.state('call-state', 'in-call');
    const caller = await alice();
    await caller.dial(BOB, 'ringing');
    await callee.get('second-call').waitFor();
    await callee.page.getByRole('button', { name: 'Hold and answer' }).click();
    await callee.get('other-call').getByText('On hold').waitFor();
    await caller.state('call-state', 'in-call');
    await hears(callee, TONE_HZ);
    await caller.hangUp();
    await callee.get('call-state').filter({ hasText: 'On hold' }).waitFor();
    await callee.hangUp();
  });
});

describe('a transfer', () => {
  it('hands the caller to a number, and who transferred is free', async () => {
    const { caller, callee } = await talk();
    await callee.get('transfer-button').click();
    await callee.get('transfer-cancel').click();
    await callee.get('transfer-number').waitFor({ state: 'detached' });
    await callee.get('transfer-button').click();
    await callee.get('transfer-number').fill('440');
    await callee.get('transfer-submit').click();
    await callee.state('call-state', 'ended');
    await hears(caller, 440);
    await caller.hangUp();
  });

  it('joins the parties of two calls', async () => {
    const { caller, callee } = await talk();
    await callee.get('add-button').click();
    await callee.dial('440', 'in-call');
    await callee.get('other-call').getByText('On hold').waitFor();
    await hears(callee, 440);
    await callee.get('swap-button').click();
    await callee.get('call-state').filter({ hasText: 'In call' }).waitFor();
    await hears(callee, TONE_HZ);
    await callee.get('swap-button').click();
    await callee.get('call-state').filter({ hasText: 'In call' }).waitFor();
    await callee.get('transfer-button').click();
    await callee.get('transfer-connect').click();
    await callee.state('call-state', 'ended');
    await expect
      .poll(() => gateway.app.calls.list(), { timeout: 20_000 })
      .toMatchObject([{ state: 'up' }]);
    await hears(caller, 440);
    await caller.hangUp();
  });
});

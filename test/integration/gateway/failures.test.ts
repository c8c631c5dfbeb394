import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserOffer } from '../../support/gateway-sdp.js';
import { GatewayWorld } from '../../support/gateway-world.js';

let world: GatewayWorld;

beforeAll(async () => {
  world = await GatewayWorld.start();
});

afterAll(() => world.close());

/** Lets the pause before the restart pass. */
async function restarted(): Promise<void> {
  await world.clock.skip(10_000);
  await expect
    .poll(async () => (await world.app.counts()).media.workers, { timeout: 10_000 })
    .toBe(1);
}

async function health(): Promise<{ status: number; media: unknown }> {
  const response = await fetch(new URL('/health', world.app.url));
  const { parts } = (await response.json()) as { parts: { media: unknown } };
  return { status: response.status, media: parts.media };
}

describe('a media worker that is killed', () => {
  it('ends its calls with BYE both ways; the next call works', async () => {
    const { browser } = await world.connect();
    process.kill(world.workerPid, 'SIGKILL');
    const sentence = 'The media worker process that carried the call ended.';
    const byes = await Promise.all([browser.next('BYE'), world.carrier.next('BYE')]);
    for (const bye of byes) expect(bye.require('Reason')).toContain(sentence);
    browser.reply(byes[0], 200);
    world.carrier.reply(byes[1], 200);
    expect(await health()).toMatchObject({ status: 503, media: { up: false } });
    await expect.poll(async () => (await world.app.counts()).calls).toBe(0);
    await restarted();
    expect((await health()).status).toBe(200);
    const [cdr] = await world.settle(1, [], ['media worker died']);
    expect(cdr?.end).toMatchObject({ code: 'CL_MEDIA_WORKER_DIED', sentence });

    world.carrier.answerWhatEndsCalls();
    await world.hangUp(await world.connect());
    await world.settle(1);
  });

  it('refuses calls with a sentence until another worker is up', async () => {
    const browser = await world.browser();
    process.kill(world.workerPid, 'SIGKILL');
    await expect.poll(async () => (await world.app.counts()).media.workers).toBe(0);
    const invite = await browser.invite('600', browserOffer());
    expect(await browser.refusalOf(invite)).toEqual({
      ...{ status: 503, code: 'CL_MEDIA_UNAVAILABLE', reason: 'No media worker is running.' },
    });
    await restarted();
    await world.settle(1, [], ['media worker died']);
  });
});

describe('a media worker that hangs', () => {
  it('is ended when it does not answer: the call is refused, and the next one works', async () => {
    const browser = await world.browser();
    process.kill(world.workerPid, 'SIGSTOP');
    const invite = await browser.invite('600', browserOffer());
    await expect.poll(() => world.app.calls.count).toBe(1);
    await world.clock.skip(10_000);
    expect(await browser.refusalOf(invite)).toMatchObject({ code: 'CL_MEDIA_WORKER_DIED' });
    await restarted();
    await world.settle(1, [], ['media worker died']);

    world.carrier.answerWhatEndsCalls();
    await world.hangUp(await world.connect());
    await world.settle(1);
  });

  it('does not keep the gateway from stopping', async () => {
    const other = await GatewayWorld.start();
    process.kill(other.workerPid, 'SIGSTOP');
    const closing = other.close();
    const stopped = closing.then(() => true);
    await expect.poll(() => other.clock.skip(1_000).then(() => raceNow(stopped))).toBe(true);
  });
});

/** Whether it is settled already. */
function raceNow(promise: Promise<boolean>): Promise<boolean> {
  return Promise.race([promise, Promise.resolve(false)]);
}

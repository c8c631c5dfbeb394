import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CopperlineError } from '../../gateway/kernel/errors.js';
import { CallWorld } from '../support/call-world.js';
import type { BrowserCall, CarrierCall } from '../support/memory-sip.js';

const MUSIC = '/sounds/hold.wav';
const PAGE = 'v=0\r\no=page 8 1 IN IP4 0.0.0.0\r\n';

const HELD = `${PAGE}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=sendonly\r\n`;

let world: CallWorld;
let browser: BrowserCall;
let carrier: CarrierCall;
beforeEach(async () => {
  world = new CallWorld({ timeouts: { websocketGraceMs: 10_000 }, holdMusic: MUSIC });
  ({ browser, carrier } = await world.connect());
});
afterEach(() => world.expectClean());

/** The browser's WebSocket closes, and `user` registers with a new page. */
async function reload(user = 'alice'): Promise<void> {
  browser.loseWebSocket();
  await world.settle();
  world.devices.register(user);
  await world.settle();
}

const state = (): string | undefined => world.calls.list()[0]?.state;

describe('a page that is loaded again during a call', () => {
  it('is offered the call, talks on, and the carrier hears of nothing but music', async () => {
    await reload();
    expect(state()).toBe('detached');
    const session = world.engine.sessions[0]!;
    await world.clock.advanceAsync(500);
    expect(session.sounds).toEqual([
      { to: 'callee', sound: { kind: 'file', path: MUSIC, repeat: true } },
    ]);
    const offered = world.lastCarrierCall();
    expect(offered.request).toMatchObject({
      uri: 'sip:alice1@b1.invalid;transport=ws',
      from: { uri: 'sip:+49301234@gateway.test' },
      headers: {
        'X-Copperline-Call': world.calls.list()[0]!.id,
        'X-Copperline-Reattach': browser.callId,
      },
    });
    expect(offered.request.offer).toContain('s=renewal');
    const dialog = offered.answer(PAGE);
    await world.settle();
    expect(state()).toBe('up');
    expect(session.renewals).toContainEqual({ leg: 'caller', sdp: PAGE });
    expect(session.sounds.at(-1)).toEqual({ to: 'callee', sound: undefined });
    expect(browser.dialog!.byeReceived?.sentence).toContain('taken up again');
    expect(carrier.dialog!.open).toBe(true);
    await world.clock.advanceAsync(60_000);
    expect(state()).toBe('up');
    dialog.hangUp();
    await world.settle();
    expect(carrier.dialog!.byeReceived?.sentence).toBe('The browser hung up.');
    expect(world.lastRecord.end).toMatchObject({ by: 'browser', code: 'NORMAL' });
  });

  it('while on hold goes on with the music, also when it is back on hold', async () => {
    carrier.dialog!.answerReoffer = () => Promise.resolve('carrier answer');
    await browser.dialog!.peerReoffer(HELD.replace('page 8 1', 'page 7 2'));
    const session = world.engine.sessions[0]!;
    const music = [{ to: 'callee', sound: { kind: 'file', path: MUSIC, repeat: true } }];
    expect(session.sounds).toEqual(music);
    await reload();
    await world.clock.advanceAsync(500);
    const dialog = world.lastCarrierCall().answer(HELD);
    await world.settle();
    expect(session.sounds).toEqual(music);
    await dialog.peerReoffer(HELD.replace('8 1', '8 2').replace('sendonly', 'sendrecv'));
    expect(session.sounds.at(-1)).toEqual({ to: 'callee', sound: undefined });
    expect(carrier.dialog!.reoffers).toHaveLength(2);
    dialog.hangUp();
  });

  it('may be loaded again and again', async () => {
    await reload();
    world.lastCarrierCall().answer(PAGE);
    await world.settle();
    world.devices.loseAll('alice');
    await world.settle();
    expect(state()).toBe('detached');
    world.devices.register('alice');
    await world.settle();
    const third = world.lastCarrierCall();
    expect(third.request.headers['X-Copperline-Reattach']).toMatch(/^carrier-/);
    third.answer(PAGE);
    await world.settle();
    expect(state()).toBe('up');
    carrier.dialog!.hangUp();
  });

  it('is offered the call also when it is back before its old WebSocket was known to be dead', async () => {
    world.devices.register('alice');
    await world.settle();
    expect(world.endpoint.carrierCalls).toHaveLength(1);
    browser.loseWebSocket();
    await world.settle();
    world.lastCarrierCall().answer(PAGE);
    await world.settle();
    expect(state()).toBe('up');
    carrier.dialog!.hangUp();
  });

  it('that does not take the call ends it after the grace period', async () => {
    await reload();
    world.lastCarrierCall().refuse(486);
    await world.settle();
    await world.clock.advanceAsync(10_000);
    await world.settle();
    expect(world.lastRecord.end.code).toBe('CL_CALL_BROWSER_LOST');
    expect(carrier.dialog!.open).toBe(false);
  });

  it('that rings has as long as a person needs, and not longer', async () => {
    await reload();
    world.lastCarrierCall().ring();
    await world.clock.advanceAsync(29_000);
    expect(state()).toBe('detached');
    await world.clock.advanceAsync(1_000);
    await world.settle();
    expect(world.lastRecord.end.code).toBe('CL_CALL_BROWSER_LOST');
    expect(world.lastCarrierCall().cancelReceived).toBeDefined();
  });

  it('may take longer than its media is missed; a dead worker ends the call all the same', async () => {
    const { handlers } = world.engine.sessions[0]!;
    const failed = (code: 'CL_MEDIA_TIMEOUT' | 'CL_MEDIA_TRANSPORT_FAILED'): void => {
      handlers.onFailed(new CopperlineError(code, { sentence: 'Nothing comes from the browser.' }));
    };
    browser.loseWebSocket();
    await world.settle();
    failed('CL_MEDIA_TRANSPORT_FAILED');
    failed('CL_MEDIA_TIMEOUT');
    expect(state()).toBe('detached');
    const sentence = 'The media worker of the call died.';
    handlers.onFailed(new CopperlineError('CL_MEDIA_WORKER_DIED', { sentence }));
    await world.settle();
    expect(world.lastRecord.end.code).toBe('CL_MEDIA_WORKER_DIED');
    expect(carrier.dialog!.byeReceived?.sentence).toBe(sentence);
  });

  it('hears of the carrier’s hang-up by CANCEL', async () => {
    await reload();
    carrier.dialog!.hangUp();
    await world.settle();
    expect(world.lastCarrierCall().cancelReceived?.sentence).toBe('The carrier hung up.');
  });

  it('whose 200 crosses the carrier’s hang-up gets BYE', async () => {
    await reload();
    const offered = world.lastCarrierCall();
    offered.answer(PAGE);
    carrier.dialog!.hangUp();
    await world.settle();
    expect(offered.dialog!.open).toBe(false);
  });
});

describe('a browser without its WebSocket', () => {
  it('that is heard all the same is not talked over; when it falls silent there is music', async () => {
    const session = world.engine.sessions[0]!;
    session.callerSpeaks = true;
    browser.loseWebSocket();
    for (let time = 0; time < 4; time += 1) await world.clock.advanceAsync(500);
    expect(session.sounds).toEqual([]);
    session.callerSpeaks = false;
    for (let time = 0; time < 2; time += 1) await world.clock.advanceAsync(500);
    expect(session.sounds).toHaveLength(1);
    session.callerSpeaks = true;
    for (let time = 0; time < 2; time += 1) await world.clock.advanceAsync(500);
    expect(session.sounds.at(-1)).toEqual({ to: 'callee', sound: undefined });
    carrier.dialog!.hangUp();
  });

  it('leaves comfort noise to the other side where there is no music', async () => {
    carrier.dialog!.hangUp();
    await world.expectClean();
    world = new CallWorld({ timeouts: { websocketGraceMs: 10_000 } });
    ({ browser, carrier } = await world.connect());
    browser.loseWebSocket();
    await world.settle();
    await world.clock.advanceAsync(500);
    const session = world.engine.sessions[0]!;
    expect(session.sounds).toEqual([{ to: 'callee', sound: { kind: 'noise' } }]);
    world.devices.register('alice', { contact: browser.contact });
    await world.settle();
    expect(session.sounds.at(-1)).toEqual({ to: 'callee', sound: undefined });
    browser.dialog!.hangUp();
  });

  it('of an engine without sounds is waited for in silence', async () => {
    world.engine.sessions[0]!.refuseSound = new CopperlineError('CL_MEDIA_UNSUPPORTED', {
      sentence: 'No sounds.',
    });
    browser.loseWebSocket();
    await world.settle();
    await world.clock.advanceAsync(1_000);
    expect(state()).toBe('detached');
    carrier.dialog!.hangUp();
  });
});

describe('a page on a new WebSocket', () => {
  it('goes on in its dialog: nothing is offered', async () => {
    browser.loseWebSocket();
    await world.settle();
    expect(state()).toBe('detached');
    world.devices.register('alice', { contact: browser.contact });
    await world.settle();
    expect(state()).toBe('up');
    expect(world.endpoint.carrierCalls).toHaveLength(1);
    expect(browser.dialog!.open).toBe(true);
    browser.dialog!.hangUp();
  });

  it('is not missed while its media comes back, but is when it never does', async () => {
    const { handlers } = world.engine.sessions[0]!;
    const timedOut = (): void => {
      const sentence = 'No media came from the caller for 30 s.';
      handlers.onFailed(new CopperlineError('CL_MEDIA_TIMEOUT', { sentence }));
    };
    browser.loseWebSocket();
    await world.settle();
    timedOut();
    world.devices.register('alice', { contact: browser.contact });
    await world.settle();
    expect(state()).toBe('up');
    timedOut();
    expect(state()).toBe('up');
    await world.clock.advanceAsync(30_000);
    timedOut();
    await world.settle();
    expect(world.lastRecord.end.code).toBe('CL_MEDIA_TIMEOUT');
    expect(carrier.dialog!.open).toBe(false);
  });

  it('is watched there, also when the old one was never known to be dead', async () => {
    const device = world.devices.register('alice', { contact: browser.contact });
    await world.settle();
    browser.loseWebSocket();
    await world.settle();
    expect(state()).toBe('up');
    device.loseWebSocket();
    await world.settle();
    expect(state()).toBe('detached');
    await world.clock.advanceAsync(10_000);
    expect(world.lastRecord.end.code).toBe('CL_CALL_BROWSER_LOST');
  });
});

it('devices of others, and those that were there before, are not offered the call', async () => {
  const before = world.devices.register('alice');
  await world.settle();
  carrier.dialog!.hangUp();
  ({ browser, carrier } = await world.connect());
  const calls = world.endpoint.carrierCalls.length;
  await reload('bob');
  world.devices.register('alice', { contact: before.contact });
  await world.settle();
  expect(world.endpoint.carrierCalls).toHaveLength(calls);
  await world.clock.advanceAsync(10_000);
});

it('a called browser is offered the call of the number that called it', async () => {
  carrier.dialog!.hangUp();
  world.devices.register('bob');
  const alice = world.endpoint.browserDials('bob');
  await world.settle();
  world.lastCarrierCall().answer();
  await world.settle();
  world.devices.loseAll('bob');
  await world.settle();
  world.devices.register('bob');
  await world.settle();
  const offered = world.lastCarrierCall();
  expect(offered.request.from.uri).toBe('sip:alice@gateway.test');
  offered.answer(PAGE);
  await world.settle();
  expect(alice.dialog!.open).toBe(true);
  alice.dialog!.hangUp();
});

it('a call that was transferred is not that of the browser’s WebSocket any more', async () => {
  carrier.dialog!.answerReoffer = () => Promise.resolve('remaining party');
  browser.dialog!.peerRefer('+498912');
  await world.settle();
  world.lastCarrierCall().ring();
  world.lastCarrierCall().answer();
  await world.settle();
  browser.loseWebSocket();
  await world.settle();
  expect(state()).toBe('up');
  carrier.dialog!.hangUp();
});

import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CopperlineError } from '../../gateway/kernel/errors.js';
import type { CallWorld } from '../support/call-world.js';
import type { MemoryDevice } from '../support/memory-devices.js';
import type { CarrierCall } from '../support/memory-sip.js';
import { trunkDials } from '../support/memory-trunk-call.js';
import { callUp, rungDevices, transferWorld, type UpCall } from '../support/transfer-rig.js';

const BOBS = 'v=0\r\no=bob 1 1 IN IP4 192.0.2.7\r\n';
let world: CallWorld;
beforeEach(() => {
  world = transferWorld();
});
afterEach(() => world.expectClean());

const up = (): Promise<UpCall> => callUp(world);

const rung = (devices: readonly MemoryDevice[]): Promise<CarrierCall[]> =>
  rungDevices(world, devices);

describe('a blind transfer to a user', () => {
  it.each(['bob', '22'])(
    'rings all devices of %s, and the first that answers has the call',
    async (dialled) => {
      const devices = [world.devices.register('bob'), world.devices.register('bob')];
      const { page, carrier } = await up();
      const refer = page.peerRefer(dialled);
      const [one, two] = await rung(devices);
      expect(refer.accepted).toBe(true);
      expect(one!.request).toMatchObject({
        from: { uri: 'sip:+49301234@gateway.test' },
        headers: {
          'Referred-By': '<sip:alice@gateway.test>',
          'X-Copperline-Verified': 'none',
        },
      });
      one!.ring();
      two!.ring();
      two!.answer(BOBS);
      await world.settle();
      expect(one!.cancelReceived).toMatchObject({ sentence: 'Call completed elsewhere' });
      expect(refer.reports).toEqual([180, 200]);
      expect(carrier.reoffers).toHaveLength(1);
      expect(page.byeReceived?.sentence).toBe('The call was transferred to the browser of bob.');
      expect(world.engine.sessions.filter(({ open }) => open)).toHaveLength(1);
      expect(world.engine.sessions.at(-1)!.offers[0]!.policies).toMatchObject({
        ...{ from: { kind: 'rtp' }, to: { kind: 'webrtc' } },
      });
      two!.dialog!.hangUp();
      await world.settle();
      expect(carrier.byeReceived?.sentence).toBe('The browser hung up.');
      expect(world.lastRecord).toMatchObject({
        ...{ user: 'alice', end: { by: 'browser', code: 'NORMAL' } },
        transfers: [{ to: 'bob', by: 'browser of alice' }],
      });
    },
  );

  it('gives a held call to him without the hold', async () => {
    const [device] = [world.devices.register('bob')];
    const { page, carrier } = await up();
    const audio = 'm=audio 4000 RTP/AVP 8\r\na=';
    carrier.answerReoffer = () =>
      Promise.resolve(`v=0\r\no=carrier 1 2 IN IP4 192.0.2.1\r\n${audio}recvonly\r\n`);
    await page.peerReoffer(`v=0\r\no=page 1 2 IN IP4 0.0.0.0\r\n${audio}sendonly\r\n`);
    page.peerRefer('bob');
    const [bob] = await rung([device]);
    expect(bob!.request.offer).toContain('a=sendrecv');
    bob!.refuse(486);
    await world.settle();
    page.hangUp();
  });

  it('tells him who is on the line when the phone network called', async () => {
    const device = world.devices.register('alice');
    const caller = trunkDials(world.endpoint, '+49301', {
      from: { user: '+4989555', displayName: 'Zoe' },
    });
    const [alice] = await rung([device]);
    const page = alice!.answer();
    await world.settle();
    caller.dialog!.answerReoffer = () => Promise.resolve(BOBS);
    const bobs = world.devices.register('bob');
    page.peerRefer('bob');
    const [bob] = await rung([bobs]);
    expect(bob!.request.from).toEqual({ uri: 'sip:+4989555@gateway.test', displayName: 'Zoe' });
    const peer = bob!.answer(BOBS);
    await world.settle();
    expect(page.byeReceived).toBeDefined();
    caller.dialog!.hangUp();
    await world.settle();
    expect(peer.byeReceived?.sentence).toBe('The carrier hung up.');
  });

  it('passes a user on to another device of the one who transfers, but not to the page itself', async () => {
    const caller = world.endpoint.browserDials('bob', { user: 'alice' });
    await world.settle();
    expect(caller.refused?.status).toBe(480);
    const pages = [world.devices.register('bob')];
    const call = world.endpoint.browserDials('bob', { user: 'alice' });
    const [first] = await rung(pages);
    const page = first!.answer();
    await world.settle();
    call.dialog!.answerReoffer = () => Promise.resolve(BOBS);
    const phone = world.devices.register('bob');
    const before = world.endpoint.carrierCalls.length;
    page.peerRefer('bob');
    const [second] = await rung([phone]);
    expect(world.endpoint.carrierCalls).toHaveLength(before + 1);
    expect(second!.request.from.uri).toBe('sip:alice@gateway.test');
    const peer = second!.answer(BOBS);
    await world.settle();
    expect([call.dialog!.open, page.open, peer.open]).toEqual([true, false, true]);
    peer.hangUp();
    await world.settle();
    expect(call.dialog!.byeReceived?.sentence).toBe('The called browser hung up.');
  });

  it('may be asked for by a carrier whose trunk may transfer', async () => {
    const device = world.devices.register('bob');
    const { page, carrier } = await up();
    page.answerReoffer = () => Promise.resolve(BOBS);
    carrier.peerRefer('bob');
    const [bob] = await rung([device]);
    bob!.answer(BOBS);
    await world.settle();
    expect(carrier.byeReceived).toBeDefined();
    page.hangUp();
    await world.settle();
    expect(world.lastRecord).toMatchObject({
      transfers: [{ to: 'bob', by: 'carrier "one"' }],
      end: { sentence: 'The calling browser hung up.' },
    });
  });
});

describe('while a user rings for a transfer', () => {
  async function ringing(): Promise<UpCall & { bob: CarrierCall }> {
    const device = world.devices.register('bob');
    const call = await up();
    call.page.peerRefer('bob');
    const [bob] = await rung([device]);
    bob!.ring();
    return { ...call, bob: bob! };
  }

  it('the party that would be passed on hangs up: his devices stop', async () => {
    const { page, carrier, bob } = await ringing();
    carrier.hangUp();
    await world.settle();
    expect(bob.cancelReceived).toBeDefined();
    expect(page.byeReceived?.sentence).toBe('The carrier hung up.');
  });

  it('the one who transfers hangs up: the call goes on, and ends with the reason when he does not take it', async () => {
    const { page, carrier, bob } = await ringing();
    page.hangUp();
    await world.settle();
    expect(carrier.open).toBe(true);
    bob.refuse(486);
    await world.settle();
    expect(carrier.byeReceived?.sentence).toBe('The user bob is busy.');
    expect(world.lastRecord.end).toMatchObject({ code: 'CL_CALL_TRANSFER', sipStatus: 486 });
  });

  it('the one who transfers is lost: the call waits for the target, not for him', async () => {
    const { browser, page, carrier, bob } = await ringing();
    browser.loseWebSocket();
    await world.settle();
    await world.clock.advanceAsync(20_000);
    await world.settle();
    expect([page.open, carrier.open]).toEqual([false, true]);
    const peer = bob.answer(BOBS);
    await world.settle();
    expect(world.calls.list()).toMatchObject([{ state: 'up' }]);
    await world.clock.advanceAsync(60_000);
    expect([carrier.open, peer.open]).toEqual([true, true]);
    peer.hangUp();
  });

  it('the one who transfers is lost just before the target answers', async () => {
    const { browser, page, bob } = await ringing();
    browser.loseWebSocket();
    await world.settle();
    expect(world.calls.list()).toMatchObject([{ state: 'detached' }]);
    const peer = bob.answer(BOBS);
    await world.settle();
    expect(world.calls.list()).toMatchObject([{ state: 'up' }]);
    expect(page.open).toBe(false);
    await world.clock.advanceAsync(60_000);
    expect(peer.open).toBe(true);
    peer.hangUp();
  });

  it('the worker of the session that he answered in has died: the call ends, and says so', async () => {
    const { carrier, bob } = await ringing();
    carrier.answerReoffer = () => {
      const sentence = 'The media worker of the call died.';
      const error = new CopperlineError('CL_MEDIA_WORKER_DIED', { sentence });
      world.engine.sessions.at(-1)!.handlers.onFailed(error);
      return Promise.resolve(BOBS);
    };
    const peer = bob.answer(BOBS);
    await world.settle();
    expect(peer.byeReceived).toBeDefined();
    expect(world.lastRecord.end.code).toBe('CL_MEDIA_WORKER_DIED');
  });

  it('the call ends in the moment of the last re-INVITE: the target is hung up', async () => {
    const { page, carrier, bob } = await ringing();
    carrier.answerReoffer = () => {
      carrier.hangUp();
      return Promise.resolve(BOBS);
    };
    const peer = bob.answer(BOBS);
    await world.settle();
    expect([page.open, peer.open]).toEqual([false, false]);
  });
});

it('a call that is passed on again and again holds no more listeners and channels than before', async () => {
  const devices = ['bob', 'alice'].map((user) => world.devices.register(user));
  const { browser, page, carrier } = await up();
  let holder = page;
  const flows = [browser, ...devices].map(({ flow }) => flow.closed);
  const held = (): number[] => [
    world.devices.listeners,
    ...flows.map((closed) => getEventListeners(closed, 'abort').length),
  ];
  const counts: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    holder.peerRefer(round % 2 === 0 ? 'bob' : 'alice');
    const [next] = await rung([devices[round % 2]!]);
    holder = next!.answer(BOBS);
    await world.settle();
    counts.push(held().reduce((sum, count) => sum + count, 0));
  }
  expect(new Set(counts).size).toBe(1);
  carrier.hangUp();
});

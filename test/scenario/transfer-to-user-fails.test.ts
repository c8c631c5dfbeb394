import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CopperlineError } from '../../gateway/kernel/errors.js';
import type { CallWorld } from '../support/call-world.js';
import type { MemoryDevice } from '../support/memory-devices.js';
import type { MemoryDialog } from '../support/memory-dialog.js';
import type { CarrierCall } from '../support/memory-sip.js';
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

describe('a blind transfer to a user that fails gives the call back', () => {
  async function begun(): Promise<UpCall & { bob: CarrierCall; refer: ReturnType<typeof refer> }> {
    const device = world.devices.register('bob');
    const call = await up();
    const asked = refer(call.page);
    const [bob] = await rung([device]);
    bob!.ring();
    return { ...call, bob: bob!, refer: asked };
  }

  const refer = (page: MemoryDialog) => page.peerRefer('bob');

  async function givenBack({ page, carrier }: UpCall): Promise<void> {
    expect([page.open, carrier.open]).toEqual([true, true]);
    expect(world.engine.sessions.map(({ open }) => open)).toEqual([true, false]);
    // The ringback is over.
    expect(world.engine.sessions[0]!.sounds.at(-1)).toEqual({ to: 'callee', sound: undefined });
    page.hangUp();
    await world.settle();
    expect(world.lastRecord).toMatchObject({ transfers: [], end: { code: 'NORMAL' } });
  }

  it.each([
    ['he is busy', 486],
    ['he declines', 603],
    ['his browser cannot', 488],
  ])('when %s', async (...[, status]) => {
    const call = await begun();
    call.bob.refuse(status);
    await world.settle();
    expect(call.refer.reports).toEqual([180, status]);
    await givenBack(call);
  });

  it('when he does not answer in time', async () => {
    const call = await begun();
    await world.clock.advanceAsync(30_000);
    await world.settle();
    expect(call.bob.cancelReceived).toMatchObject({ sentence: 'Nobody answered within 30 s.' });
    expect(call.refer.reports).toEqual([180, 480]);
    await givenBack(call);
  });

  it('when he has as many calls as he may', async () => {
    for (let count = 0; count < 2; count += 1)
      world.endpoint.browserDials('+4930', { user: 'bob' });
    await world.settle();
    const [one, two] = world.endpoint.carrierCalls;
    world.devices.register('bob');
    const { page, carrier } = await up();
    const asked = page.peerRefer('bob');
    await world.settle();
    expect(asked.reports).toEqual([486]);
    expect([page.open, carrier.open]).toEqual([true, true]);
    page.hangUp();
    for (const other of [one, two]) other!.refuse(486);
  });

  it('when his last WebSocket closes and he does not come back', async () => {
    const device = world.devices.register('bob');
    const call = await up();
    const asked = refer(call.page);
    await rung([device]);
    device.loseWebSocket();
    await world.settle();
    await world.clock.advanceAsync(5_000);
    await world.settle();
    expect(asked.reports).toEqual([480]);
    await givenBack(call);
  });

  it('when the remaining party does not follow', async () => {
    const call = await begun();
    call.carrier.answerReoffer = () =>
      Promise.reject(new CopperlineError('CL_SIP_REQUEST_REFUSED', { sentence: 'No.' }));
    const peer = call.bob.answer(BOBS);
    await world.settle();
    expect(peer.byeReceived?.sentence).toBe('The other party did not come along.');
    expect(call.refer.reports).toEqual([180, 500]);
    await givenBack(call);
  });

  it('when no media session can be opened', async () => {
    world.devices.register('bob');
    const { page, carrier } = await up();
    const sentence = 'No media worker is running.';
    world.engine.refuseOpen = new CopperlineError('CL_MEDIA_UNAVAILABLE', { sentence });
    const asked = refer(page);
    await world.settle();
    world.engine.refuseOpen = undefined;
    expect(asked.reports).toEqual([503]);
    expect(carrier.open).toBe(true);
    page.hangUp();
  });
});

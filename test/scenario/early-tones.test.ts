import { afterEach, describe, expect, it } from 'vitest';
import { CopperlineError } from '../../gateway/kernel/errors.js';
import type { TrunkInbound } from '../../gateway/trunks/trunk.js';
import { CallWorld, testTrunk } from '../support/call-world.js';
import { CARRIER_OFFER, trunkDials, type TrunkDialOptions } from '../support/memory-trunk-call.js';

const NUMBER = '+493011';
const ALONE = 's=alone';
/** Answer to a re-INVITE. */
const TAKEN = 'v=0\r\no=callee 8 2 IN IP4 192.0.2.8\r\n';

let world: CallWorld;
afterEach(() => world.expectClean());

/** A carrier calls alice, and everything that can ring rings. */
async function calls(inbound: TrunkInbound, options: TrunkDialOptions = {}, fallback?: string) {
  world = new CallWorld({
    trunks: [testTrunk('one', { inbound })],
    inbound: [
      {
        ...{ name: 'direct', numbers: [NUMBER], target: { kind: 'user', user: 'alice' } },
        ...(fallback === undefined ? {} : { fallback }),
      },
    ],
  });
  world.devices.register('alice');
  world.devices.register('alice');
  const carrier = trunkDials(world.endpoint, NUMBER, options);
  await world.settle();
  const [first, second] = world.endpoint.carrierCalls;
  return { carrier, first: first!, second: second! };
}

const ringback = { kind: 'tone', tone: 'ringback', country: 'DE' };

describe('a carrier whose trunk wants ringback of ours', () => {
  it('hears it as early media, and then the device that rang first, over the same session', async () => {
    const { carrier, first, second } = await calls({ ringback: 'local' });
    first.ring();
    second.ring();
    await world.settle();
    expect(carrier.provisional).toHaveLength(1);
    expect(carrier.provisional[0]).toMatchObject({ status: 183 });
    expect(carrier.provisional[0]!.sdp).toContain(ALONE);
    const [host] = world.engine.sessions;
    expect(host!.answeredAlone).toEqual([CARRIER_OFFER]);
    expect(host!.sounds).toEqual([{ to: 'caller', sound: ringback }]);
    first.answer();
    await world.settle();
    expect(host!.sounds.at(-1)).toEqual({ to: 'caller', sound: undefined });
    expect(first.dialog!.reoffers).toEqual([]);
    expect(await world.engine.counts()).toMatchObject({ sessions: 1 });
    expect(world.calls.list()[0]).toMatchObject({ state: 'up' });
    carrier.dialog!.hangUp();
  });

  it('is joined with another device by a re-INVITE to that one', async () => {
    const { carrier, first, second } = await calls({ ringback: 'local' });
    first.ring();
    second.ring();
    await world.settle();
    first.refuse(480);
    await world.settle();
    const [host, other] = world.engine.sessions;
    expect([host!.open, other!.open]).toEqual([true, true]);
    second.answer().answerReoffer = () => Promise.resolve(TAKEN);
    await world.settle();
    expect(host!.answers).toEqual([TAKEN]);
    expect([host!.open, other!.open]).toEqual([true, false]);
    expect(second.dialog!.reoffers).toHaveLength(1);
    expect(host!.offers.map(({ offer }) => offer)).toEqual([CARRIER_OFFER, CARRIER_OFFER]);
    expect(host!.sounds.at(-1)).toEqual({ to: 'caller', sound: undefined });
    expect(world.calls.list()[0]).toMatchObject({ state: 'up' });
    expect(carrier.provisional).toHaveLength(1);
    carrier.dialog!.hangUp();
  });

  it('loses the call with a sentence when the device does not come along', async () => {
    const { carrier, first, second } = await calls({ ringback: 'local' });
    first.ring();
    await world.settle();
    // The device refuses the re-INVITE.
    second.answer();
    await world.settle();
    expect(second.dialog!.byeReceived).toBeDefined();
    expect(carrier.refused).toBeDefined();
    expect(world.lastRecord.end.sentence).toContain('No.');
  });

  it('goes on hearing it while the call goes to the fallback number', async () => {
    const { carrier, first, second } = await calls({ ringback: 'local' }, {}, '+49891');
    first.ring();
    await world.settle();
    first.refuse(603);
    second.refuse(603);
    await world.settle();
    const fallback = world.lastCarrierCall();
    fallback.ring(183, 'v=0\r\no=carrier 5 1 IN IP4 192.0.2.5\r\n');
    await world.settle();
    expect(carrier.provisional.filter(({ sdp }) => sdp !== undefined)).toHaveLength(1);
    fallback.answer().answerReoffer = () => Promise.resolve(TAKEN);
    await world.settle();
    expect(fallback.dialog!.reoffers).toHaveLength(1);
    expect(await world.engine.counts()).toMatchObject({ sessions: 1 });
    carrier.dialog!.hangUp();
  });

  it.each(['cancel', 'time'])('leaves nothing open when the call ends by %s', async (how) => {
    const { carrier, first } = await calls({ ringback: 'local' });
    first.ring();
    await world.settle();
    if (how === 'cancel') carrier.cancel();
    else world.clock.advance(30_000);
    await world.settle();
    expect(world.lastRecord.end.code).toBe(how === 'cancel' ? 'CANCELLED' : 'NO_ANSWER');
  });

  it('gets 180 when it made no offer, or the engine cannot', async () => {
    const late = await calls({ ringback: 'local' }, { noOffer: true });
    late.first.ring();
    await world.settle();
    expect(late.carrier.provisional).toEqual([{ status: 180, sdp: undefined }]);
    late.carrier.cancel();
    await world.expectClean();
    const { carrier, first } = await calls({ ringback: 'local' });
    const sentence = 'It plays no sounds.';
    world.engine.sessions[0]!.refuseAlone = new CopperlineError('CL_MEDIA_UNSUPPORTED', {
      sentence,
    });
    first.ring();
    await world.settle();
    expect(carrier.provisional).toEqual([{ status: 180, sdp: undefined }]);
    carrier.cancel();
  });
});

describe('a carrier whose trunk wants to hear why nobody takes the call', () => {
  it.each([
    [486, 'busy', 'BUSY'],
    [500, 'congestion', 'UNAVAILABLE'],
  ])('after %i: %s, then the refusal', async (status, tone, code) => {
    const { carrier, first, second } = await calls({ refusalToneSeconds: 3 });
    first.refuse(status);
    second.refuse(status);
    await world.settle();
    expect(carrier.provisional).toHaveLength(1);
    expect(carrier.provisional[0]).toMatchObject({ status: 183 });
    expect(carrier.refused).toBeUndefined();
    const played = world.engine.sessions.flatMap(({ sounds }) => sounds);
    expect(played).toEqual([{ to: 'caller', sound: { kind: 'tone', tone, country: 'DE' } }]);
    world.clock.advance(3_000);
    await world.settle();
    expect(carrier.refused).toMatchObject({ code });
    expect(world.lastRecord.end.code).toBe(code);
  });

  it('in place of the ringback, with the same SDP', async () => {
    const { carrier, first, second } = await calls({ ringback: 'local', refusalToneSeconds: 2 });
    first.ring();
    await world.settle();
    first.refuse(486);
    second.refuse(486);
    await world.settle();
    expect(carrier.provisional).toHaveLength(1);
    expect(world.engine.sessions[0]!.sounds.map(({ sound }) => sound)).toMatchObject([
      { tone: 'ringback' },
      { tone: 'busy' },
    ]);
    // Who hangs up while it is told has been told.
    carrier.cancel();
    await world.settle();
    expect(world.lastRecord.end.code).toBe('BUSY');
  });

  it('hears none when nobody answered in time', async () => {
    const { carrier } = await calls({ refusalToneSeconds: 3 });
    world.clock.advance(30_000);
    await world.settle();
    expect(carrier.provisional.filter(({ sdp }) => sdp !== undefined)).toEqual([]);
    expect(carrier.refused).toMatchObject({ code: 'NO_ANSWER' });
  });
});

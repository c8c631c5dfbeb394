import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InboundRule, RingStrategy } from '../../gateway/calls/inbound-numbers.js';
import { CallWorld, testTrunk } from '../support/call-world.js';
import type { CarrierCall } from '../support/memory-sip.js';
import { trunkDials, type TrunkDialOptions } from '../support/memory-trunk-call.js';

function group(strategy: RingStrategy): InboundRule {
  const members = [
    { user: 'alice', weight: 3 },
    { user: 'bob', weight: 1 },
  ];
  return {
    ...{ name: strategy, numbers: [`+49302${strategy.length}`] },
    target: { kind: 'group', group: { name: 'g', strategy, members, memberRingMs: 20_000 } },
  };
}

const RULES: InboundRule[] = [
  {
    name: 'direct',
    numbers: ['+493011', '+493022334455'],
    target: { kind: 'user', user: 'alice' },
  },
  {
    ...{ name: 'with-fallback', numbers: ['+493012'], target: { kind: 'user', user: 'alice' } },
    fallback: '+491701',
  },
  group('simultaneous'),
  group('sequential'),
  group('weighted'),
];
const SIMULTANEOUS = '+4930212';
const SEQUENTIAL = '+4930210';
const WEIGHTED = '+493028';

let world: CallWorld;
beforeEach(() => {
  world = new CallWorld({ inbound: RULES, random: () => 0.9 });
});
afterEach(() => world.expectClean());

/** A carrier calls, and everything that can ring rings. */
async function call(number: string, options: TrunkDialOptions = {}) {
  const carrier = trunkDials(world.endpoint, number, options);
  await world.settle();
  return { carrier, rung: world.endpoint.carrierCalls };
}

function only(calls: readonly CarrierCall[]): CarrierCall {
  expect(calls).toHaveLength(1);
  return calls[0]!;
}

describe('several devices', () => {
  it('ring with a media session each; the first answer wins, the others are told so', async () => {
    for (let device = 0; device < 3; device += 1) world.devices.register('alice');
    const { carrier, rung } = await call('+493011');
    expect(rung).toHaveLength(3);
    for (const one of rung) one.ring();
    await world.settle();
    expect(carrier.provisional).toHaveLength(1);
    rung[1]!.answer();
    await world.settle();
    for (const other of [rung[0]!, rung[2]!])
      expect(other.cancelReceived).toEqual({
        ...{ sipStatus: 200, sentence: 'Call completed elsewhere' },
      });
    expect(world.engine.sessions.map(({ open }) => open)).toEqual([false, true, false]);
    rung[1]!.dialog!.hangUp();
  });

  it('that answer at once: one has the call, the other gets BYE', async () => {
    world.devices.register('alice');
    world.devices.register('alice');
    const { carrier, rung } = await call('+493011');
    rung[0]!.answer();
    rung[1]!.answer();
    await world.settle();
    expect(rung[0]!.dialog!.open).toBe(true);
    expect(rung[1]!.dialog!.byeReceived?.sentence).toBe('Call completed elsewhere');
    expect(world.engine.sessions.filter(({ open }) => open)).toHaveLength(1);
    carrier.dialog!.hangUp();
  });

  it('one that is busy does not stop the others, one that declines does', async () => {
    world.devices.register('alice');
    world.devices.register('alice');
    const { carrier, rung } = await call('+493011');
    rung[0]!.refuse(486);
    await world.settle();
    expect(rung[1]!.cancelReceived).toBeUndefined();
    expect(carrier.refused).toBeUndefined();
    rung[1]!.refuse(603);
    await world.settle();
    expect(carrier.refused).toMatchObject({ status: 603 });
  });
});

describe('a device whose WebSocket dies while it rings', () => {
  it('is skipped at once, and the others ring on', async () => {
    const first = world.devices.register('alice');
    world.devices.register('alice');
    const { carrier, rung } = await call('+493011');
    first.loseWebSocket();
    await world.settle();
    expect(rung[0]!.cancelReceived).toBeDefined();
    rung[1]!.answer();
    await world.settle();
    expect(carrier.answer).toBeDefined();
    carrier.dialog!.hangUp();
  });

  it('rings again when it comes back, as after a reload', async () => {
    const device = world.devices.register('alice');
    const { carrier, rung } = await call('+493011');
    device.loseWebSocket();
    await world.clock.advanceAsync(4_900);
    expect(carrier.refused).toBeUndefined();
    world.devices.register('alice');
    await world.settle();
    expect(rung).toHaveLength(2);
    rung[1]!.answer();
    await world.settle();
    expect(carrier.answer).toBeDefined();
    carrier.dialog!.hangUp();
  });

  it('rings again under the same contact on a new WebSocket', async () => {
    const device = world.devices.register('alice');
    const { carrier, rung } = await call('+493011');
    device.loseWebSocket();
    await world.settle();
    world.devices.register('alice', { contact: device.contact });
    await world.settle();
    expect(rung.map(({ request }) => request.uri)).toEqual([device.contact, device.contact]);
    carrier.cancel();
  });

  it('is given up after the wait', async () => {
    const device = world.devices.register('alice');
    const { carrier } = await call('+493011');
    device.loseWebSocket();
    await world.clock.advanceAsync(5_000);
    await world.settle();
    expect(carrier.refused).toMatchObject({ status: 480, code: 'CL_CALL_NOT_REGISTERED' });
  });

  it('is waited for when it died just before the call', async () => {
    world.devices.register('alice').loseWebSocket();
    const { carrier, rung } = await call('+493011');
    expect(carrier.refused).toBeUndefined();
    world.devices.register('alice');
    await world.settle();
    only(rung).answer();
    await world.settle();
    carrier.dialog!.hangUp();
  });
});

describe('ring groups', () => {
  beforeEach(() => {
    world.devices.register('alice');
    world.devices.register('bob');
  });
  const users = (calls: readonly CarrierCall[]): string[] =>
    calls.map(({ request }) => /^sip:([a-z]+)/.exec(request.uri)?.[1] ?? '');

  it('simultaneous: all ring, the first answer wins', async () => {
    const { carrier, rung } = await call(SIMULTANEOUS);
    expect(users(rung)).toEqual(['alice', 'bob']);
    rung[1]!.answer();
    await world.settle();
    expect(world.calls.list()[0]!.user).toBe('bob');
    carrier.dialog!.hangUp();
  });

  it('simultaneous: who declines leaves it to the others; nobody’s answer tells most', async () => {
    const { carrier, rung } = await call(SIMULTANEOUS);
    rung[0]!.refuse(603);
    await world.settle();
    expect(carrier.refused).toBeUndefined();
    await world.clock.advanceAsync(30_000);
    await world.settle();
    expect(carrier.refused).toMatchObject({ code: 'NO_ANSWER' });
  });

  it('sequential: one after another', async () => {
    const { carrier, rung } = await call(SEQUENTIAL);
    expect(users(rung)).toEqual(['alice']);
    await world.clock.advanceAsync(20_000);
    await world.settle();
    expect(users(rung)).toEqual(['alice', 'bob']);
    expect(rung[0]!.cancelReceived).toBeDefined();
    rung[1]!.refuse(486);
    await world.settle();
    expect(carrier.refused).toMatchObject({ code: 'NO_ANSWER' });
  });

  it('weighted: in the order that was drawn', async () => {
    const { carrier, rung } = await call(WEIGHTED);
    expect(users(rung)).toEqual(['bob']);
    rung[0]!.refuse(486);
    await world.settle();
    expect(users(rung)).toEqual(['bob', 'alice']);
    carrier.cancel();
  });
});

describe('the fallback number', () => {
  it('is called when nobody of ours takes the call, with the called number as the caller’s', async () => {
    const { carrier, rung } = await call('+493012');
    expect(only(rung).request).toMatchObject({
      uri: 'sip:+491701@one.example;transport=udp',
      from: { uri: 'sip:+493012@one.example' },
    });
    only(rung).ring();
    only(rung).answer();
    await world.settle();
    expect(carrier.answer).toBeDefined();
    expect(world.engine.sessions.at(-1)!.offers[0]!.policies).toMatchObject({
      ...{ from: { kind: 'rtp' }, to: { kind: 'rtp' } },
    });
    carrier.dialog!.hangUp();
    await world.settle();
    expect(world.lastRecord).toMatchObject({
      ...{ direction: 'inbound', rule: 'with-fallback', user: 'alice', trunk: 'one' },
    });
  });

  it.each([
    ['nobody is signed in', undefined, 'unavailable'],
    ['it is busy', 486, 'user-busy'],
    ['it is declined', 603, 'deflection'],
  ])(
    'tells a carrier that wants it who forwarded the call, and why: %s',
    async (_, status, why) => {
      const identity = { headers: [], anonymous: 'from', diversion: true } as const;
      world = new CallWorld({ trunks: [testTrunk('one', { identity })], inbound: RULES });
      if (status !== undefined) world.devices.register('alice');
      const { carrier, rung } = await call('+493012');
      if (status !== undefined) rung[0]!.refuse(status);
      await world.settle();
      expect(rung.at(-1)!.request.headers['Diversion']).toBe(
        `<sip:+493012@one.example>;reason=${why};counter=1`,
      );
      carrier.cancel();
    },
  );

  it('is told of a call that nobody answered, and says nothing to a carrier that wants none', async () => {
    const identity = { headers: [], anonymous: 'from', diversion: true } as const;
    const trunks = [testTrunk('one', { identity }), testTrunk('two')];
    world = new CallWorld({ trunks, inbound: RULES });
    world.devices.register('alice');
    const { carrier, rung } = await call('+493012');
    await world.clock.advanceAsync(30_000);
    await world.settle();
    expect(rung[1]!.request.headers['Diversion']).toContain(';reason=no-answer;');
    rung[1]!.refuse(500);
    await world.settle();
    expect(rung[2]!.request.uri).toContain('@two.example');
    expect(rung[2]!.request.headers).not.toHaveProperty('Diversion');
    carrier.cancel();
  });

  it('takes one hop of those that the call has left, and none at all when it goes round', async () => {
    const { carrier, rung } = await call('+493012', { headers: { 'Max-Forwards': '7' } });
    expect(only(rung).request.headers['Max-Forwards']).toBe('6');
    carrier.cancel();
    await world.settle();
    const round = await call('+493012', { headers: { 'Max-Forwards': '1' } });
    expect(round.rung).toHaveLength(1);
    expect(round.carrier.refused).toEqual({
      ...{ status: 483, code: 'CL_CALL_TOO_MANY_HOPS' },
      sentence: 'The call has no hops left (Max-Forwards 1): it seems to go round.',
    });
  });

  it('that cannot be reached either leaves its refusal', async () => {
    const { carrier, rung } = await call('+493012');
    only(rung).refuse(486);
    await world.settle();
    expect(carrier.refused).toMatchObject({ status: 486, code: 'BUSY' });
  });
});

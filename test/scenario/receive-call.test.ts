import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InboundRule } from '../../gateway/calls/inbound-numbers.js';
import { CallWorld, testTrunk } from '../support/call-world.js';
import type { CarrierCall } from '../support/memory-sip.js';
import { CARRIER_OFFER, trunkDials, type TrunkDialOptions } from '../support/memory-trunk-call.js';

const RULES: InboundRule[] = [
  {
    ...{ name: 'direct', numbers: ['+493011', '+493022334455'] },
    target: { kind: 'user', user: 'alice' },
  },
  {
    ...{ name: 'closed', numbers: ['+4930*'] },
    target: { kind: 'refuse', sentence: 'This number is not in use.' },
  },
];

let world: CallWorld;
beforeEach(() => {
  world = new CallWorld({ inbound: RULES });
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

describe('a carrier calls a user', () => {
  it('rings the browser, comes up, and ends with a record of an inbound call', async () => {
    const device = world.devices.register('alice');
    const { carrier, rung } = await call('+493011');
    const browser = only(rung);
    expect(browser.request).toMatchObject({
      uri: device.contact,
      from: { uri: 'sip:+4989555@gateway.test', displayName: undefined },
    });
    expect(world.engine.sessions[0]!.offers[0]).toMatchObject({
      offer: CARRIER_OFFER,
      policies: { from: { kind: 'rtp' }, to: { kind: 'webrtc' } },
    });
    browser.ring();
    await world.settle();
    expect(carrier.provisional).toEqual([{ status: 180, sdp: undefined }]);
    world.clock.advance(2_000);
    browser.answer('v=0\r\no=browser 3 1 IN IP4 0.0.0.0\r\n');
    await world.settle();
    expect(carrier.answer).toContain('s=stable');
    expect(world.calls.list()[0]).toMatchObject({ state: 'up', user: 'alice', trunk: 'one' });
    browser.dialog!.hangUp();
    await world.settle();
    expect(carrier.dialog!.byeReceived?.sentence).toBe('The browser hung up.');
    expect(world.lastRecord).toMatchObject({
      ...{ direction: 'inbound', user: 'alice', trunk: 'one', rule: 'direct', number: '+493011' },
      ...{ calledUser: undefined, from: { user: '+4989555', verified: 'none' } },
      times: { dialledMs: 0, ringingMs: 0, answeredMs: 2000, upMs: 2000 },
      end: { by: 'browser', code: 'NORMAL' },
    });
    expect(JSON.parse(world.cdrLines[0]!)).toMatchObject({ direction: 'inbound', user: 'alice' });
  });

  it('knows the number however the carrier writes it', async () => {
    world.devices.register('alice');
    for (const number of ['493022334455', '03022334455', '+493022334455', '0049 30 22334455']) {
      const { carrier } = await call(number);
      expect(world.calls.list()[0]?.number).toBe('+493022334455');
      carrier.cancel();
      await world.settle();
    }
    expect(world.lastRecord.end).toMatchObject({ by: 'carrier', code: 'CANCELLED' });
  });

  it('cancels the browsers when the carrier cancels', async () => {
    world.devices.register('alice');
    const { carrier, rung } = await call('+493011');
    carrier.cancel();
    await world.settle();
    expect(only(rung).cancelReceived?.sentence).toContain('hung up before');
  });

  it('hangs up at the browser when the carrier hangs up', async () => {
    world.devices.register('alice');
    const { carrier, rung } = await call('+493011');
    only(rung).answer();
    await world.settle();
    carrier.dialog!.hangUp();
    await world.settle();
    expect(only(rung).dialog!.byeReceived?.sentence).toBe('The carrier hung up.');
    expect(world.lastRecord.end.by).toBe('carrier');
  });

  it('shows what a trusted carrier asserts and verified', async () => {
    const trusted = testTrunk('one', { inbound: { trustIdentity: true } });
    world = new CallWorld({ inbound: RULES, trunks: [trusted] });
    world.devices.register('alice');
    const { carrier, rung } = await call('+493011', {
      from: { user: '+4930999', displayName: 'Fake' },
      headers: {
        'P-Asserted-Identity': '"Erika" <sip:+4930777;verstat=TN-Validation-Passed@one.example>',
      },
    });
    expect(only(rung).request).toMatchObject({
      from: { uri: 'sip:+4930777@gateway.test', displayName: 'Erika' },
      headers: {
        'X-Copperline-Verified': 'passed',
        'P-Asserted-Identity': '"Erika" <sip:+4930777@gateway.test>',
      },
    });
    carrier.cancel();
  });

  it('believes neither P-Asserted-Identity nor verstat of any other', async () => {
    world.devices.register('alice');
    const { carrier, rung } = await call('+493011', {
      from: { user: '+4930999', displayName: 'Caller' },
      headers: {
        From: '"Caller" <sip:+4930999;verstat=TN-Validation-Passed@one.example>;tag=1',
        'P-Asserted-Identity': '"Erika" <sip:+4930777;verstat=TN-Validation-Passed@one.example>',
      },
    });
    expect(only(rung).request).toMatchObject({
      from: { uri: 'sip:+4930999@gateway.test', displayName: 'Caller' },
      headers: {
        'X-Copperline-Verified': 'none',
        'P-Asserted-Identity': '"Caller" <sip:+4930999@gateway.test>',
      },
    });
    carrier.cancel();
  });

  it.each<[string, TrunkDialOptions]>([
    ['Privacy', { headers: { Privacy: 'id' } }],
    ['an anonymous From', { from: { user: 'anonymous', host: 'anonymous.invalid' } }],
  ])('withholds the number for %s', async (_name, options) => {
    world.devices.register('alice');
    const { carrier, rung } = await call('+493011', options);
    expect(only(rung).request.from.uri).toBe('sip:anonymous@anonymous.invalid');
    expect(JSON.stringify(only(rung).request.headers)).not.toContain('4989555');
    carrier.cancel();
  });

  it('refuses a number that nobody has, one that is closed, and one whose user is signed off', async () => {
    const { carrier: unknown } = await call('+4940');
    expect(unknown.refused).toEqual({
      ...{ status: 404, code: 'CL_CALL_UNKNOWN_NUMBER' },
      sentence: 'No rule of inbound.numbers is for the number +4940 on the trunk "one".',
    });
    const { carrier: closed } = await call('+493099');
    expect(closed.refused).toMatchObject({ status: 480, sentence: 'This number is not in use.' });
    const { carrier: away } = await call('+493011');
    expect(away.refused).toEqual({
      ...{ status: 480, code: 'CL_CALL_NOT_REGISTERED' },
      sentence: 'No browser of alice is signed in.',
    });
  });

  it('ends the call when the browser’s answer is of no use', async () => {
    world.devices.register('alice');
    const { carrier, rung } = await call('+493011');
    only(rung).answer('');
    await world.settle();
    expect(carrier.refused).toMatchObject({ status: 488, code: 'CL_CALL_BAD_ANSWER' });
    expect(only(rung).dialog!.open).toBe(false);
  });

  it('gives up when nobody answers', async () => {
    world.devices.register('alice');
    const { carrier, rung } = await call('+493011');
    only(rung).ring();
    await world.clock.advanceAsync(30_000);
    await world.settle();
    expect(carrier.refused).toMatchObject({ status: 480, code: 'NO_ANSWER' });
    expect(only(rung).cancelReceived?.sentence).toBe('Nobody answered within 30 s.');
  });

  it.each([
    [486, 'BUSY', 486],
    [603, 'DECLINED', 603],
    [500, 'UNAVAILABLE', 500],
  ])('tells the carrier that the browser said %i', async (status, code, told) => {
    world.devices.register('alice');
    const { carrier, rung } = await call('+493011');
    only(rung).refuse(status);
    await world.settle();
    expect(carrier.refused).toMatchObject({ status: told, code });
    expect(world.lastRecord.end).toMatchObject({ by: 'browser', code });
  });

  it('says busy for a user with as many calls as allowed', async () => {
    world = new CallWorld({ inbound: RULES, limits: { maxCallsPerUser: 1 } });
    world.devices.register('alice');
    const { browser } = await world.connect();
    const carrier = trunkDials(world.endpoint, '+493011');
    await world.settle();
    expect(carrier.refused).toMatchObject({ status: 486, code: 'BUSY' });
    browser.dialog!.hangUp();
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CopperlineError } from '../../gateway/kernel/errors.js';
import { CallWorld, testTrunk } from '../support/call-world.js';
import type { BrowserCall, CarrierCall } from '../support/memory-sip.js';
import { trunkDials } from '../support/memory-trunk-call.js';

const ANSWER = 'v=0\r\no=browser 1 2 IN IP4 0.0.0.0\r\ns=late\r\n';

let world: CallWorld;
beforeEach(() => {
  world = new CallWorld({ trunks: [testTrunk('one'), testTrunk('two')] });
});
afterEach(() => world.expectClean());

/** A browser calls without SDP, and the carrier has answered. */
async function offered(): Promise<{ browser: BrowserCall; carrier: CarrierCall }> {
  const browser = world.endpoint.browserDials('+4930', { offer: null });
  await world.settle();
  const carrier = world.lastCarrierCall();
  carrier.answer();
  await world.settle();
  return { browser, carrier };
}

describe('an INVITE without SDP', () => {
  it('of a browser: our offer goes to the carrier, its answer into our 200, the ACK completes it', async () => {
    const { browser, carrier } = await offered();
    const session = world.engine.sessions[0]!;
    expect(session.offeredAlone).toMatchObject([
      { to: 'callee', policies: { from: { kind: 'webrtc' }, to: { kind: 'rtp' } } },
    ]);
    expect(carrier.request.offer).toContain('o=gateway 1');
    expect(session.offers).toMatchObject([
      { offer: /carrier/, policies: { from: { kind: 'rtp' }, to: { kind: 'webrtc' } } },
    ]);
    expect(browser.answer).toContain('o=gateway');
    expect(world.calls.list()[0]!.state).toBe('answering');
    browser.dialog!.peerAnswer(ANSWER);
    await world.settle();
    expect(session.answers).toEqual([ANSWER]);
    expect(world.calls.list()[0]!.state).toBe('up');
    // From here on it is a call like any other.
    carrier.dialog!.answerReoffer = () => Promise.resolve('carrier answer');
    await browser.dialog!.peerReoffer(`${ANSWER}m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=sendonly\r\n`);
    expect(carrier.dialog!.reoffers).toHaveLength(1);
    browser.dialog!.hangUp();
  });

  it('of a carrier rings a browser with our offer', async () => {
    await world.expectClean();
    const inbound = [
      { name: 'all', numbers: ['+4930*'], target: { kind: 'user', user: 'bob' } as const },
    ];
    world = new CallWorld({ inbound });
    world.devices.register('bob');
    const caller = trunkDials(world.endpoint, '+49301', { noOffer: true });
    await world.settle();
    const page = world.lastCarrierCall();
    expect(page.request.offer).toContain('o=gateway 1');
    page.ring();
    page.answer(ANSWER);
    await world.settle();
    expect(caller.provisional).toEqual([{ status: 180, sdp: undefined }]);
    caller.dialog!.peerAnswer('v=0 carrier');
    await world.settle();
    expect(world.engine.sessions[0]!.answers).toEqual(['v=0 carrier']);
    caller.dialog!.hangUp();
    await world.settle();
    expect(page.dialog!.byeReceived).toBeDefined();
  });

  it('hears no early media, for there is no offer that it could answer', async () => {
    const browser = world.endpoint.browserDials('+4930', { offer: null });
    await world.settle();
    world.lastCarrierCall().ring(183, 'v=0 early');
    await world.settle();
    expect(browser.provisional).toEqual([{ status: 183, sdp: undefined }]);
    browser.cancel();
  });

  it('is offered anew to each route', async () => {
    const browser = world.endpoint.browserDials('+4930', { offer: null });
    await world.settle();
    world.lastCarrierCall().refuse(503);
    await world.settle();
    expect(world.lastCarrierCall().request.uri).toContain('two.example');
    expect(world.engine.sessions[0]!.offeredAlone).toHaveLength(2);
    browser.cancel();
  });

  it('whose ACK brings no answer ends the call on both sides', async () => {
    const { browser, carrier } = await offered();
    browser.dialog!.peerAnswer(undefined);
    await world.settle();
    expect(world.lastRecord.end).toMatchObject({
      ...{ by: 'browser', code: 'CL_CALL_NO_OFFER' },
      sentence: 'The ACK of the browser of alice brings no answer to the offer in our 200.',
    });
    expect([browser, carrier].map(({ dialog }) => dialog!.byeReceived?.sipStatus)).toEqual([
      ...[488, 488],
    ]);
  });

  it('whose answer cannot be used ends the call with the sentence of the engine', async () => {
    const { browser, carrier } = await offered();
    const sentence = 'No codec in common.';
    world.engine.sessions[0]!.refuseAnswer = new CopperlineError('CL_MEDIA_NO_COMMON_CODEC', {
      sentence,
    });
    browser.dialog!.peerAnswer(ANSWER);
    await world.settle();
    expect(world.lastRecord.end).toMatchObject({ code: 'CL_MEDIA_NO_COMMON_CODEC', sentence });
    expect(carrier.dialog!.byeReceived).toBeDefined();
  });

  it('is refused where the engine makes no offers of its own', async () => {
    world.engine.prepare = (session) => {
      session.refuseOffer = new CopperlineError('CL_MEDIA_UNSUPPORTED', {
        sentence: 'The media engine cannot offer.',
      });
    };
    const browser = world.endpoint.browserDials('+4930', { offer: null });
    await world.settle();
    expect(browser.refused).toMatchObject({ status: 488, code: 'CL_CALL_NO_OFFER' });
    expect(browser.refused?.sentence).toContain('alice carries no SDP offer. The media engine');
  });

  it.each(['browser', 'carrier'] as const)(
    'ends when the %s hangs up before the ACK',
    async (who) => {
      const both = await offered();
      await expect(both.carrier.dialog!.peerReoffer('v=0 other')).rejects.toMatchObject({
        sipStatus: 491,
      });
      both[who].dialog!.hangUp();
      await world.settle();
      expect(world.lastRecord.end).toMatchObject({ by: who, code: 'NORMAL' });
    },
  );

  it('ends when its 200 is never acknowledged', async () => {
    const { browser, carrier } = await offered();
    browser.dialog!.die('The SIP dialog ended: ACK timeout.');
    await world.settle();
    expect(world.lastRecord.end.code).toBe('CL_CALL_LEG_LOST');
    expect(carrier.dialog!.byeReceived).toBeDefined();
  });
});

describe('a trunk that makes the offer', () => {
  const OFFER = 'v=0\r\no=carrier 1 1 IN IP4 192.0.2.1\r\n';

  /** The carrier got an INVITE without SDP. */
  async function invited(): Promise<{ browser: BrowserCall; carrier: CarrierCall }> {
    world = new CallWorld({ trunks: [testTrunk('one', { delayedOffer: true })] });
    const both = await world.dial();
    expect(both.carrier.request.offer).toBeUndefined();
    return both;
  }

  const answerOf = (carrier: CarrierCall): Promise<string> =>
    carrier.request.answerTo?.(OFFER) ?? Promise.reject(new Error('nothing answers the carrier'));

  it('in its 200: both offers are answered, and the call is like any other', async () => {
    const { browser, carrier } = await invited();
    const answer = await answerOf(carrier);
    carrier.answer(OFFER);
    await world.settle();
    const session = world.engine.sessions[0]!;
    expect(session.offers).toMatchObject([
      { offer: OFFER, policies: { from: { kind: 'rtp' }, to: { kind: 'webrtc' } } },
    ]);
    expect(session.answers).toEqual([browser.offer]);
    expect(session.renewals).toEqual([{ leg: 'caller', sdp: browser.offer }]);
    expect(answer).toContain('s=stable');
    expect(browser.answer).toContain('s=renewed');
    expect(await carrier.dialog!.peerReoffer(OFFER.replace('1 1', '1 2'))).toBe(answer);
    browser.dialog!.hangUp();
  });

  it('in a reliable 183: early media goes to the browser once', async () => {
    const { browser, carrier } = await invited();
    const answered = answerOf(carrier);
    carrier.ring(183, OFFER);
    await answered;
    await world.settle();
    carrier.ring(183, OFFER);
    await world.settle();
    expect(
      browser.provisional.map(({ status, sdp }) => [status, sdp?.includes('renewed')]),
    ).toEqual([
      [183, true],
      [183, undefined],
    ]);
    carrier.answer('');
    await world.settle();
    expect(browser.answer).toBe(browser.provisional[0]!.sdp);
    expect(world.engine.sessions[0]!.offers).toHaveLength(1);
    browser.dialog!.hangUp();
  });

  it('that cannot be used ends the call with the reason', async () => {
    const { browser, carrier } = await invited();
    world.engine.sessions[0]!.refuseAnswer = new CopperlineError('CL_MEDIA_NO_COMMON_CODEC', {
      sentence: 'No common codec.',
    });
    await expect(answerOf(carrier)).rejects.toMatchObject({ code: 'CL_TRUNK_BAD_SDP' });
    await world.settle();
    expect(browser.refused?.sentence).toBe(
      'The offer of the carrier "one" cannot be used. No common codec.',
    );
    expect(carrier.cancelReceived).toBeDefined();
  });

  it('is offered to all the same when the caller has made no offer either', async () => {
    world = new CallWorld({ trunks: [testTrunk('one', { delayedOffer: true })] });
    const browser = world.endpoint.browserDials('+4930', { offer: null });
    await world.settle();
    expect(world.lastCarrierCall().request.offer).toContain('o=gateway');
    browser.cancel();
  });
});

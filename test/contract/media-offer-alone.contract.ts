import { expect } from 'vitest';
import {
  ALL_CODECS,
  answerFormats,
  audio,
  lines,
  openBrowser,
  openCarrier,
  openSession,
  policy,
  RTP_FORMATS,
  sendPaced,
  SessionEvents,
} from '../support/media-rig.js';
import type { Suite } from './engine-under-test.js';
import { carry } from './speaker.js';

const toCarrier = { from: policy('webrtc', ALL_CODECS), to: policy('rtp', ['pcma', 'pcmu']) };
const toBrowser = { from: policy('rtp', ['pcma', 'pcmu']), to: policy('webrtc', ALL_CODECS) };

/** The caller's INVITE had no SDP: the callee is asked first, and the caller answers last. */
export function offerAloneCases({ test, shared }: Suite): void {
  test('offers to a carrier first, and to the browser what the carrier answered', async () => {
    const session = await openSession(shared().engine);
    const [browser, carrier] = [openBrowser(), await openCarrier()];
    const offer = await session.offerAlone('callee', toCarrier);
    expect(lines(offer, 'm=audio')[0]).toMatch(/RTP\/AVP 8 0 101$/);
    carrier.follow(offer);
    const chosen = carrier.sdp(answerFormats(offer, 'pcmu'));
    const { from, to } = toCarrier;
    const late = await session.offerTo('caller', chosen, { from: to, to: from });
    expect(lines(late, 'a=setup')).toEqual(['a=setup:actpass']);
    const answer = await browser.answer(late, answerFormats(late, 'pcmu'));
    expect(await session.answerTo('callee', answer), 'nobody waits for it').toBe('');
    await browser.opened();
    await carry(shared(), audio(3, RUN), { from: browser, to: carrier });
    await carry(shared(), audio(3, RUN), { from: carrier, to: browser });
    const { caller, callee } = await session.statistics();
    expect([caller.codec, callee.codec]).toEqual(['pcmu', 'pcmu']);
  });

  test('offers to a browser first, and transcodes what the carrier chose', async () => {
    const events = new SessionEvents();
    const session = await openSession(shared().engine, events);
    const [browser, carrier] = [openBrowser(), await openCarrier()];
    const offer = await session.offerAlone('callee', toBrowser);
    const chosen = await browser.answer(offer, answerFormats(offer, 'opus'));
    const { from, to } = toBrowser;
    const late = await session.offerTo('caller', chosen, { from: to, to: from });
    carrier.follow(late);
    await browser.opened();
    await session.answerTo('callee', carrier.sdp(RTP_FORMATS.pcma));
    await events.connected.waitFor(1);
    const run = { ...RUN, payloadType: 8 };
    if (shared().paced === true && shared().decodes !== true) {
      await sendPaced(audio(30, run), carrier);
      await browser.rtp.waitFor(3);
    } else await carry(shared(), audio(3, run), { from: carrier, to: browser });
    const { caller, callee } = await session.statistics();
    expect([caller.codec, callee.codec]).toEqual(['pcma', 'opus']);
  });

  test('offers alone to the next route with other ports', async () => {
    const session = await openSession(shared().engine);
    const offers = [
      await session.offerAlone('callee', toCarrier),
      await session.offerAlone('callee', toCarrier),
    ];
    const [first, second] = offers.map((offer) => lines(offer, 'm=audio')[0]);
    expect(first).not.toBe(second);
    const own = 2 + (shared().portsPerBrowser ?? 0);
    expect((await shared().engine.counts()).ports).toBe(own);
  });

  test('takes no answer that fits no offer of its own', async () => {
    const session = await openSession(shared().engine);
    const carrier = await openCarrier();
    const offer = await session.offerAlone('callee', toCarrier);
    const { from, to } = toCarrier;
    const none = carrier.sdp(RTP_FORMATS.g722);
    const policies = { from: to, to: from };
    await expect(session.offerTo('caller', none, policies)).rejects.toMatchObject({
      ...{ code: 'CL_MEDIA_NO_COMMON_CODEC', sipStatus: 488 },
    });
    const good = carrier.sdp(answerFormats(offer, 'pcma'));
    expect(await session.offerTo('caller', good, policies), 'and goes on').toContain('m=audio');
  });
}

const RUN = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };

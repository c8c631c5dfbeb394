import { expect } from 'vitest';
import {
  ALL_CODECS,
  answerFormats,
  lines,
  openBrowser,
  openCarrier,
  openSession,
  policy,
  SessionEvents,
} from '../support/media-rig.js';
import { carryTone, formatIn, toneIn } from './carry-tone.js';
import type { Suite } from './engine-under-test.js';
import { placeMixedCall } from './media-transcoding.contract.js';
import { carry, hearsTone } from './speaker.js';

/** Which codec each leg gets, and what becomes of it in the call. */
export function codecChoiceCases({ test, shared }: Suite): void {
  test('offers shared codecs first, then the others of the list', async () => {
    const session = await openSession(shared().engine);
    const offer = await openBrowser().offer({
      payloadTypes: '111 0 110',
      lines: ['a=rtpmap:111 opus/48000/2', 'a=rtpmap:110 telephone-event/48000'],
    });
    const offered = await session.offerTo('callee', offer, {
      from: policy('webrtc', ALL_CODECS),
      to: policy('rtp', ['g722', 'pcma', 'pcmu']),
    });
    expect(lines(offered, 'm=audio')[0]).toMatch(/ RTP\/AVP 0 9 8 \d+$/);
  });

  test('goes on with another codec after early media, the browser none the wiser', async () => {
    const events = new SessionEvents();
    const session = await openSession(shared().engine, events);
    const [browser, carrier] = [openBrowser(), await openCarrier()];
    const offered = await session.offerTo('callee', await browser.offer(), {
      from: policy('webrtc', ALL_CODECS),
      to: policy('rtp', ALL_CODECS),
    });
    carrier.follow(offered);
    const early = await session.answerTo('caller', carrier.sdp(answerFormats(offered, 'opus')));
    browser.take(early);
    await browser.opened();
    await events.connected.waitFor(1);
    const opus = formatIn(early, 'opus');
    const pcma = formatIn(offered, 'pcma');
    const [first] = toneIn(opus, { sequence: 1, timestamp: 0 });
    await carry(shared(), [first!], { from: carrier, to: browser });
    if (shared().decodes !== true) expect(browser.rtp.items[0]?.payload).toEqual(first?.payload);
    const moved = carrier.sdp(answerFormats(offered, 'pcma'));
    expect(await session.answerTo('caller', moved)).toBe(early);
    browser.rtp.clear();
    const engine = shared();
    const down = toneIn(pcma, { sequence: 700, timestamp: 9 });
    await carryTone(engine, down, { from: carrier, to: browser, heard: opus });
    const up = toneIn(opus, { sequence: 1, timestamp: 0 });
    await carryTone(engine, up, { from: browser, to: carrier, heard: pcma });
  });

  test('speaks Opus to a browser that shares another codec, when the policy asks', async () => {
    const session = await openSession(shared().engine);
    const [browser, carrier] = [openBrowser(), await openCarrier()];
    const offered = await session.offerTo('callee', await browser.offer(), {
      from: policy('webrtc', ALL_CODECS),
      to: { ...policy('rtp', ['pcma']), media: 'opus-to-browser' },
    });
    carrier.follow(offered);
    expect(lines(offered, 'm=audio')[0]).toMatch(/ RTP\/AVP 8 \d+$/);
    const formats = answerFormats(offered, 'pcma');
    const answer = await session.answerTo('caller', carrier.sdp(formats));
    expect(lines(answer, 'm=audio')[0]).toMatch(/ 111 110$/);
    browser.take(answer);
    await browser.opened();
    const engine = shared();
    const up = toneIn(formatIn(answer, 'opus'), { sequence: 1, timestamp: 0 });
    await carryTone(engine, up, { from: browser, to: carrier, heard: formatIn(offered, 'pcma') });
  });

  test('holds and resumes a transcoded call', async () => {
    const call = await placeMixedCall(shared().engine, { browser: 'opus', carrier: 'pcma' });
    const policies = { from: policy('webrtc', ALL_CODECS), to: policy('rtp', ['pcma']) };
    const far = formatIn(call.carrierOffer, 'pcma');
    const [stray] = toneIn(far, { sequence: 1, timestamp: 0 });
    const held = call.browserOffer.replace('a=sendrecv', 'a=sendonly');
    await call.session.offerTo('callee', held, policies);
    const onHold = { ...answerFormats(call.carrierOffer, 'pcma'), direction: 'recvonly' };
    await call.session.answerTo('caller', call.carrier.sdp(onHold));
    call.carrier.send(stray!);
    await expect.poll(async () => (await call.session.statistics()).callee.packetsReceived).toBe(1);
    expect(hearsTone(call.browser.rtp.items)).toBe(false);
    if (shared().decodes !== true) expect(call.browser.rtp.items).toHaveLength(0);
    await call.session.offerTo('callee', call.browserOffer, policies);
    const formats = answerFormats(call.carrierOffer, 'pcma');
    await call.session.answerTo('caller', call.carrier.sdp(formats));
    const resumed = toneIn(far, { sequence: 2, timestamp: 160 });
    const engine = shared();
    await carryTone(engine, resumed, {
      from: call.carrier,
      to: call.browser,
      heard: formatIn(call.browserAnswer, 'opus'),
    });
  });
}

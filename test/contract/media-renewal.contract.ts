import { expect } from 'vitest';
import { delay, systemClock } from '../../gateway/kernel/clock.js';
import { createEncoder } from '../../gateway/media/codecs/create-codec.js';
import {
  ALL_CODECS,
  answerFormats,
  audio,
  lines,
  openBrowser,
  openCarrier,
  openSession,
  placeCall,
  policy,
  RTP_FORMATS,
  sendPaced,
  type Call,
} from '../support/media-rig.js';
import type { RtpToSend } from '../support/media-rtp-peer.js';
import { tone } from '../support/tone.js';
import type { WebrtcPeer } from '../support/media-webrtc-peer.js';
import type { Suite } from './engine-under-test.js';
import { carry } from './speaker.js';

const RUN = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };
const PCMU = {
  payloadTypes: '0 101',
  lines: ['a=rtpmap:0 PCMU/8000', 'a=rtpmap:101 telephone-event/8000'],
};

const sequences = new Map<number, number>();
/** A run of audio behind all those before it from the same source. */
function next(count: number, ssrc = RUN.ssrc): RtpToSend[] {
  const sequence = sequences.get(ssrc) ?? 1000;
  sequences.set(ssrc, sequence + count);
  return audio(count, { ...RUN, ssrc, sequence, timestamp: sequence * 160 });
}

/** Audio passes both ways (the browser first: then the engine has its transport up, too), as one stream each, the carrier's port unmoved. */
async function talks(
  { shared }: Suite,
  call: Call,
  { browser, told = call.browserAnswer }: { browser: WebrtcPeer; told?: string },
): Promise<void> {
  const before = call.carrier.rtp.items.length;
  const sent = call.carrier.rtp.items[before - 1];
  await carry(shared(), next(3, 77), { from: browser, to: call.carrier });
  const heard = call.carrier.rtp.items.slice(before);
  if (shared().passesOn === true) {
    await carry(shared(), next(3), { from: call.carrier, to: browser });
    return;
  }
  if (sent !== undefined) {
    expect(new Set(heard.map(({ ssrc }) => ssrc))).toEqual(new Set([sent.ssrc]));
    expect((heard[0]!.sequence - sent.sequence) & 0xffff).toBe(1);
  }
  await carry(shared(), next(3), { from: call.carrier, to: browser });
  const named = lines(shared().decodes === true ? told : call.browserAnswer, 'a=ssrc:')[0];
  expect(named).toContain(`:${browser.rtp.items.at(-1)!.ssrc} `);
}

async function talkingCall({ shared }: Suite): Promise<Call> {
  const call = await placeCall(shared().engine);
  await carry(shared(), next(3), { from: call.browser, to: call.carrier });
  await carry(shared(), next(3), { from: call.carrier, to: call.browser });
  return call;
}

/** Packets of a tone. */
function opusRun(count: number, payloadType: number): RtpToSend[] {
  const encoder = createEncoder('opus', 'pcmu');
  const pcm = tone({ hz: 440, sampleRate: 8000, samples: 160 * count });
  return Array.from({ length: count }, (_, index) => ({
    ...{ payloadType, ssrc: 61, sequence: index, timestamp: index * 960 },
    payload: Buffer.from(encoder.encode(pcm.subarray(index * 160, (index + 1) * 160))),
  }));
}

/** @param oneCertificate a DTLS association is told from the one before by the peer's fingerprint alone */
const ends = (sdp: string, oneCertificate: boolean): string[] =>
  ['a=ice-ufrag', 'a=ice-pwd', ...(oneCertificate ? [] : ['a=fingerprint'])].flatMap((start) =>
    lines(sdp, start),
  );

/** A WebRTC leg changes its way to us: an ICE restart, or a page that was loaded again. */
export function renewalCases(suite: Suite): void {
  const { test, shared } = suite;

  test('takes an ICE restart of a leg alone, the other leg none the wiser', async () => {
    const call = await talkingCall(suite);
    const restarted = openBrowser();
    const answer = await call.session.renewWithOffer('caller', await restarted.offer());
    const { passesOn = false } = shared();
    for (const [index, line] of ends(answer, passesOn).entries())
      expect(line, 'new ICE and a new DTLS association').not.toBe(
        ends(call.browserAnswer, passesOn)[index],
      );
    expect(lines(answer, 'a=setup')).toEqual(lines(call.browserAnswer, 'a=setup'));
    if (shared().decodes !== true)
      expect(lines(answer, 'a=ssrc')).toEqual(lines(call.browserAnswer, 'a=ssrc'));
    expect(lines(answer, 'm=audio')[0]).toMatch(/ 0 126$/);
    if (shared().oneTransport !== true) {
      // The old transport carries the call until the new one is up.
      await carry(shared(), next(2), { from: call.browser, to: call.carrier });
      await carry(shared(), next(2), { from: call.carrier, to: call.browser });
    }
    restarted.take(answer);
    await restarted.opened();
    await talks(suite, call, { browser: restarted, told: answer });
    expect(call.events.failures.items).toEqual([]);
    await call.events.connected.waitFor(2);
    expect(call.events.connected.items).toEqual(['caller', 'callee']);
    const own = 2 + (shared().portsPerBrowser ?? 0);
    await expect.poll(async () => (await shared().engine.counts()).ports).toBe(own);
  });

  test('takes an ICE restart that comes with a re-offer to the other leg', async () => {
    const call = await talkingCall(suite);
    const restarted = openBrowser();
    const policies = { from: policy('webrtc', ALL_CODECS), to: policy('rtp', ['pcmu']) };
    const offer = await call.session.offerTo('callee', await restarted.offer(), policies);
    expect(lines(offer, 'm=audio')[0]).toContain(` ${call.carrier.remotePort} `);
    const sdp = call.carrier.sdp(RTP_FORMATS.pcmu);
    const answer = await call.session.answerTo('caller', sdp);
    restarted.take(answer);
    await restarted.opened();
    await talks(suite, call, { browser: restarted, told: answer });
    expect(await call.session.answerTo('caller', sdp), 'the answer again').toBe(answer);
    await talks(suite, call, { browser: restarted, told: answer });
  });

  test('offers a call anew to a page that was loaded again', async () => {
    const call = await talkingCall(suite);
    const offer = await call.session.renewalOffer('caller');
    expect(lines(offer, 'a=setup')).toEqual(['a=setup:actpass']);
    if (shared().passesOn !== true)
      expect(lines(offer, 'a=ice-ufrag')).not.toEqual(lines(call.browserAnswer, 'a=ice-ufrag'));
    expect(lines(offer, 'm=audio')[0]).toMatch(/ UDP\/TLS\/RTP\/SAVPF 0 /);
    const page = openBrowser();
    await call.session.renewWithAnswer('caller', await page.answer(offer, PCMU));
    await page.opened();
    await talks(suite, call, { browser: page, told: offer });
    const reoffer = await call.session.offerTo('caller', call.carrier.sdp(RTP_FORMATS.pcmu), {
      from: policy('rtp', ['pcmu']),
      to: policy('webrtc', ALL_CODECS),
    });
    expect(lines(reoffer, 'a=ice-ufrag'), 'the new page is spoken to').toEqual(
      lines(offer, 'a=ice-ufrag'),
    );
    expect(lines(reoffer, 'a=fingerprint')).toEqual(lines(offer, 'a=fingerprint'));
  });

  test('offers a call anew after the old page closed its connection', async () => {
    const call = await talkingCall(suite);
    call.browser.close();
    const page = openBrowser();
    const offer = await call.session.renewalOffer('caller');
    await call.session.renewWithAnswer('caller', await page.answer(offer, PCMU));
    await page.opened();
    await talks(suite, call, { browser: page, told: offer });
  });

  test('offers a called leg anew, and again after that', async () => {
    const session = await openSession(shared().engine);
    const carrier = await openCarrier();
    const policies = { from: policy('rtp', ['pcmu']), to: policy('webrtc', ALL_CODECS) };
    const first = openBrowser();
    const offer = await session.offerTo('callee', carrier.sdp(RTP_FORMATS.pcmu), policies);
    carrier.follow(await session.answerTo('caller', await first.answer(offer, PCMU)));
    await first.opened();
    for (let time = 0; time < 2; time += 1) {
      const page = openBrowser();
      await session.renewWithAnswer(
        'callee',
        await page.answer(await session.renewalOffer('callee'), PCMU),
      );
      await page.opened();
      await carry(shared(), next(2, 50 + time), { from: page, to: carrier });
      await carry(shared(), next(2), { from: carrier, to: page });
    }
    const restarted = openBrowser();
    restarted.take(await session.renewWithOffer('callee', await restarted.offer()));
    await restarted.opened();
    await carry(shared(), next(2, 52), { from: restarted, to: carrier });
    await carry(shared(), next(2), { from: carrier, to: restarted });
  });

  test('goes on with the old transport when the new one never comes up', async () => {
    const call = await talkingCall(suite);
    await call.session.renewalOffer('caller');
    await talks(suite, call, { browser: call.browser });
    const lost = openBrowser();
    await call.session.renewWithOffer('caller', await lost.offer());
    await talks(suite, call, { browser: call.browser });
    const second = openBrowser();
    const answer = await call.session.renewWithOffer('caller', await second.offer());
    second.take(answer);
    await second.opened();
    await talks(suite, call, { browser: second, told: answer });
  });

  test('lets a transport go that is silent while another comes up', async () => {
    const call = await talkingCall(suite);
    const restarted = openBrowser();
    const answer = await call.session.renewWithOffer('caller', await restarted.offer());
    // No event tells of it: the clock of the engine runs in another process.
    await delay(systemClock, 2500);
    restarted.take(answer);
    await restarted.opened();
    await talks(suite, call, { browser: restarted, told: answer });
    expect(call.events.failures.items).toEqual([]);
  });

  test('transcodes when the new page takes another codec', async () => {
    const call = await talkingCall(suite);
    const page = openBrowser();
    const offer = await call.session.renewalOffer('caller');
    const opus = answerFormats(offer, 'opus');
    const type = Number(opus.payloadTypes.split(' ')[0]);
    await call.session.renewWithAnswer('caller', await page.answer(offer, opus));
    await page.opened();
    // The engine has the new transport up as soon as it hears anything on it.
    const run = opusRun(30, type);
    if (shared().decodes === true) {
      await carry(shared(), run, { from: page, to: call.carrier });
      await carry(shared(), next(5), { from: call.carrier, to: page });
    } else {
      call.carrier.rtp.clear();
      await sendPaced(run, page);
      await call.carrier.rtp.waitFor(3);
      await sendPaced(next(30), call.carrier);
      await page.rtp.waitFor(3);
    }
    expect(page.rtp.items.at(-1)?.payloadType).toBe(type);
    const { caller, callee } = await call.session.statistics();
    expect([caller.codec, callee.codec]).toEqual(['opus', 'pcmu']);
  });

  test('renews nothing before the legs have agreed, and no leg of plain RTP', async () => {
    const session = await openSession(shared().engine);
    const none = { code: 'CL_MEDIA_SDP_NO_OFFER' };
    await expect(session.renewalOffer('caller')).rejects.toMatchObject(none);
    await expect(session.renewWithAnswer('caller', 'v=0')).rejects.toMatchObject(none);
    const call = await talkingCall(suite);
    await expect(call.session.renewWithAnswer('caller', 'v=0')).rejects.toMatchObject(none);
    await expect(call.session.renewalOffer('callee')).rejects.toMatchObject({
      code: 'CL_MEDIA_UNSUPPORTED',
    });
    const garbled = call.session.renewWithOffer('caller', 'v=0\r\nwhat is this');
    await expect(garbled).rejects.toMatchObject({ code: 'CL_MEDIA_SDP_INVALID' });
    const foreign = call.browserOffer.replace(/^a=rtpmap.*$/gm, '').replace(/ 111 .*$/m, ' 99');
    await expect(call.session.renewWithOffer('caller', foreign)).rejects.toMatchObject({
      code: 'CL_MEDIA_NO_COMMON_CODEC',
    });
    await talks(suite, call, { browser: call.browser });
  });
}

import { expect } from 'vitest';
import {
  ALL_CODECS,
  answerFormats,
  audio,
  eventTypeIn,
  lines,
  openBrowser,
  openCarrier,
  openSession,
  placeCall,
  policy,
  RTP_FORMATS,
  SessionEvents,
} from '../support/media-rig.js';
import type { Suite } from './engine-under-test.js';
import { carry, hearsTone } from './speaker.js';

const POLICIES = { from: policy('webrtc', ALL_CODECS), to: policy('rtp', ['pcma', 'pcmu']) };

export function offerAnswerCases({ test, shared }: Suite): void {
  test('offers the carrier its own list', async () => {
    const call = await placeCall(shared().engine, 'pcmu');
    const other = await call.session.offerTo('callee', call.browserOffer, POLICIES);
    expect(lines(other, 'm=audio')[0]).toMatch(/ RTP\/AVP 8 0 \d+$/);
    expect(lines(other, 'a=rtpmap').sort()).toEqual(
      [
        'a=rtpmap:0 PCMU/8000',
        'a=rtpmap:8 PCMA/8000',
        `a=rtpmap:${eventTypeIn(other, 8000)} telephone-event/8000`,
      ].sort(),
    );
    expect(other).not.toContain('ice-');
  });

  test('answers with the telephone-event clock of the codec', async () => {
    for (const [codec, formats] of [
      ['opus', ['111 110', 'a=rtpmap:110 telephone-event/48000']],
      ['pcmu', ['0 126', 'a=rtpmap:126 telephone-event/8000']],
      ['g722', ['9 126', 'a=rtpmap:126 telephone-event/8000']],
    ] as const) {
      const call = await placeCall(shared().engine, codec);
      expect(lines(call.browserAnswer, 'm=audio')[0]?.endsWith(` ${formats[0]}`)).toBe(true);
      const events = lines(call.browserAnswer, 'a=rtpmap').filter((line) => line.includes('event'));
      expect(events).toEqual([formats[1]]);
    }
  });

  test('takes the first common codec of an answer that lists several', async () => {
    const { engine } = shared();
    const events = new SessionEvents();
    const session = await openSession(engine, events);
    const [browser, carrier] = [openBrowser(), await openCarrier()];
    const offered = await session.offerTo('callee', await browser.offer(), POLICIES);
    const event = eventTypeIn(offered, 8000);
    const several = {
      payloadTypes: `18 0 8 ${event}`,
      lines: [`a=rtpmap:${event} telephone-event/8000`],
    };
    const answer = await session.answerTo('caller', carrier.sdp(several));
    expect(lines(answer, 'm=audio')[0]).toMatch(/ 0 126$/);
  });

  test('keeps the SDP of the browser when the carrier moves after early media', async () => {
    const call = await placeCall(shared().engine);
    const early = audio(5, { payloadType: 0, sequence: 10, timestamp: 100, ssrc: 1 });
    await carry(shared(), early, { from: call.carrier, to: call.browser });
    const answered = await openCarrier();
    const again = await call.session.answerTo('caller', answered.sdp(RTP_FORMATS.pcmu));
    expect(again).toBe(call.browserAnswer);
    answered.remotePort = call.carrier.remotePort;
    const before = call.browser.rtp.items.length;
    const late = audio(5, { payloadType: 0, sequence: 9000, timestamp: 7, ssrc: 2 });
    await carry(shared(), late, { from: answered, to: call.browser });
    await carry(shared(), audio(3, { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 3 }), {
      from: call.browser,
      to: answered,
    });
    expect(call.carrier.rtp.items, 'nothing more to the early address').toHaveLength(0);
    const heard = call.browser.rtp.items;
    expect((heard[before]!.sequence - heard[before - 1]!.sequence) & 0xffff).toBe(1);
  });

  test('bridges the two laws of G.711 when a later answer changes the law', async () => {
    const { engine } = shared();
    const events = new SessionEvents();
    const session = await openSession(engine, events);
    const [browser, carrier] = [openBrowser(), await openCarrier()];
    carrier.follow(await session.offerTo('callee', await browser.offer(), POLICIES));
    const early = await session.answerTo('caller', carrier.sdp(RTP_FORMATS.pcmu));
    browser.take(early);
    await browser.opened();
    await events.connected.waitFor(1);
    expect(await session.answerTo('caller', carrier.sdp(RTP_FORMATS.pcma))).toBe(early);
    const run = { sequence: 1, timestamp: 0, ssrc: 4 };
    const [silenceA, silenceMu] = [Buffer.alloc(160, 0xd5), Buffer.alloc(160, 0xff)];
    await carry(shared(), [{ ...run, payloadType: 8, payload: silenceA }], {
      from: carrier,
      to: browser,
    });
    await carry(shared(), [{ ...run, payloadType: 0, payload: silenceMu }], {
      from: browser,
      to: carrier,
    });
    expect(browser.rtp.items.at(-1)?.payloadType).toBe(0);
    expect(carrier.rtp.items.at(-1)?.payloadType).toBe(8);
    if (shared().decodes === true) return;
    expect(browser.rtp.items[0]?.payload).toEqual(Buffer.alloc(160, 0xfe));
    expect(carrier.rtp.items[0]?.payload).toEqual(silenceA);
  });

  test('gives the next route other ports and forgets the one before', async () => {
    const call = await placeCall(shared().engine);
    const policies = { from: policy('webrtc', ALL_CODECS), to: policy('rtp', ['pcma']) };
    const second = await openCarrier();
    const offer = await call.session.offerTo('callee', call.browserOffer, policies);
    second.follow(offer);
    expect(second.remotePort).not.toBe(call.carrier.remotePort);
    const formats = shared().oneEventNumber ? answerFormats(offer, 'pcma') : RTP_FORMATS.pcma;
    const answer = await call.session.answerTo('caller', second.sdp(formats));
    expect(lines(answer, 'm=audio')[0]).toMatch(/ 8 126$/);
    const run = { payloadType: 8, sequence: 5, timestamp: 50, ssrc: 9 };
    await carry(shared(), audio(3, run), { from: second, to: call.browser });
    await carry(shared(), audio(3, run), { from: call.browser, to: second });
    expect(hearsTone(call.carrier.rtp.items)).toBe(false);
    if (shared().decodes !== true) expect(call.carrier.rtp.items).toHaveLength(0);
    expect((await shared().engine.counts()).ports).toBe(2 + (shared().portsPerBrowser ?? 0));
  });

  test('refuses media lines other than audio in their place', async () => {
    const { engine } = shared();
    const session = await openSession(engine);
    const [browser, carrier] = [openBrowser(), await openCarrier()];
    const offer = await browser.offer();
    const video = 'm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:v\r\na=rtpmap:96 VP8/90000\r\n';
    const data = 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:d\r\n';
    const at = offer.indexOf('m=audio');
    const mixed = `${offer.slice(0, at)}${video}${offer.slice(at)}${data}`;
    await session.offerTo('callee', mixed, POLICIES);
    const answer = await session.answerTo('caller', carrier.sdp(RTP_FORMATS.pcmu));
    expect(lines(answer, 'm=').map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'm=video 0',
      expect.stringMatching(/^m=audio [1-9]/) as string,
      'm=application 0',
    ]);
    expect(lines(answer, 'a=group')).toEqual(['a=group:BUNDLE 0']);
  });

  test('holds and resumes by re-offer, without a new transport', async () => {
    const call = await placeCall(shared().engine);
    const run = { payloadType: 0, timestamp: 0, ssrc: 4 };
    await carry(shared(), audio(2, { ...run, sequence: 1 }), {
      from: call.browser,
      to: call.carrier,
    });
    const held = call.browserOffer.replace('a=sendrecv', 'a=sendonly');
    const offer = await call.session.offerTo('callee', held, POLICIES);
    expect(lines(offer, 'a=sendonly')).toHaveLength(1);
    expect(lines(offer, 'm=audio')[0]).toContain(` ${call.carrier.remotePort} `);
    const answer = await call.session.answerTo(
      'caller',
      call.carrier.sdp({ ...RTP_FORMATS.pcmu, direction: 'recvonly' }),
    );
    expect(lines(answer, 'a=recvonly')).toHaveLength(1);
    expect(lines(answer, 'a=ice-ufrag')).toEqual(lines(call.browserAnswer, 'a=ice-ufrag'));
    expect(lines(answer, 'a=setup')).toEqual(lines(call.browserAnswer, 'a=setup'));
    for (const packet of audio(3, { ...run, sequence: 1 })) call.carrier.send(packet);
    await carry(shared(), audio(2, { ...run, sequence: 3 }), {
      from: call.browser,
      to: call.carrier,
    });
    await expect.poll(async () => (await call.session.statistics()).callee.packetsReceived).toBe(3);
    if (shared().decodes !== true)
      expect(call.browser.rtp.items, 'the held browser hears nothing').toHaveLength(0);
    await call.session.offerTo('callee', call.browserOffer, POLICIES);
    await call.session.answerTo('caller', call.carrier.sdp(RTP_FORMATS.pcmu));
    await carry(shared(), audio(2, { ...run, sequence: 9 }), {
      from: call.carrier,
      to: call.browser,
    });
  });

  test('lets the carrier hold with c=0.0.0.0', async () => {
    const call = await placeCall(shared().engine);
    const held = call.carrier
      .sdp(RTP_FORMATS.pcmu)
      .replace('c=IN IP4 127.0.0.1', 'c=IN IP4 0.0.0.0');
    const policies = { from: policy('rtp', ['pcmu']), to: policy('webrtc', ALL_CODECS) };
    const offer = await call.session.offerTo('caller', held, policies);
    expect(lines(offer, 'a=sendonly')).toHaveLength(1);
  });

  test('re-offers to the browser with its own lines, numbers and transport', async () => {
    const session = await openSession(shared().engine);
    const [browser, carrier] = [openBrowser(), await openCarrier()];
    const offer = (await browser.offer()).replaceAll('126', '97');
    const mixed = `${offer}m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:v\r\n`;
    await session.offerTo('callee', mixed, POLICIES);
    const first = await session.answerTo('caller', carrier.sdp(RTP_FORMATS.pcmu));
    const reoffer = await session.offerTo('caller', carrier.sdp(RTP_FORMATS.pcmu), {
      from: POLICIES.to,
      to: POLICIES.from,
    });
    expect(lines(reoffer, 'm=audio')[0]).toMatch(/ 0 111 9 8 97 110$/);
    expect(lines(reoffer, 'm=video')).toEqual(['m=video 0 UDP/TLS/RTP/SAVPF 96']);
    for (const same of ['a=ice-ufrag', 'a=mid', 'a=fingerprint', 'a=ssrc', 'a=candidate']) {
      expect(lines(reoffer, same)).toEqual(lines(first, same));
    }
    const version = (sdp: string): number => Number(lines(sdp, 'o=')[0]?.split(' ')[2]);
    expect(version(reoffer)).toBe(version(first) + 1);
  });

  test('calls a browser from a carrier', async () => {
    const { engine } = shared();
    const events = new SessionEvents();
    const session = await openSession(engine, events);
    const [browser, carrier] = [openBrowser(), await openCarrier()];
    const offer = await session.offerTo('callee', carrier.sdp(RTP_FORMATS.pcma), {
      from: policy('rtp', ['pcma', 'pcmu']),
      to: policy('webrtc', ALL_CODECS),
    });
    expect(lines(offer, 'a=setup')).toEqual(['a=setup:actpass']);
    // The browser may check and say hello before its answer has reached us.
    const answer = await browser.answer(offer, {
      payloadTypes: '8 101',
      lines: ['a=rtpmap:8 PCMA/8000', 'a=rtpmap:101 telephone-event/8000'],
    });
    const carrierAnswer = await session.answerTo('caller', answer);
    carrier.follow(carrierAnswer);
    expect(lines(carrierAnswer, 'm=audio')[0]).toMatch(/ RTP\/AVP 8 101$/);
    await browser.opened();
    await events.connected.waitFor(1);
    const run = { payloadType: 8, sequence: 1, timestamp: 0, ssrc: 4 };
    await carry(shared(), audio(3, run), { from: browser, to: carrier });
    await carry(shared(), audio(3, run), { from: carrier, to: browser });
  });
}

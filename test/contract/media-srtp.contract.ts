import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import {
  SRTP_SUITE_NAMES,
  type LegPolicy,
  type MediaEngine,
  type MediaSession,
  type SrtpSuiteName,
} from '../../gateway/media/media-engine.js';
import { parseSdp } from '../../gateway/media/sdp/parse-sdp.js';
import { SrtpReceiver } from '../../gateway/media/srtp/srtp-receiver.js';
import { SrtpSender } from '../../gateway/media/srtp/srtp-sender.js';
import { keyMaterialBytes, type SrtpKey } from '../../gateway/media/srtp/srtp-suite.js';
import {
  ALL_CODECS,
  audio,
  lines,
  openBrowser,
  openCarrier,
  openSession,
  policy,
  RTP_FORMATS,
  SessionEvents,
} from '../support/media-rig.js';
import type { RtpPeer } from '../support/media-rtp-peer.js';
import type { WebrtcPeer } from '../support/media-webrtc-peer.js';
import type { EngineUnderTest, Suite } from './engine-under-test.js';
import { carry } from './speaker.js';

const RUN = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };

function newKey(suite: SrtpSuiteName): SrtpKey {
  return { suite, material: randomBytes(keyMaterialBytes(suite)) };
}

function cryptoLine(tag: number, { suite, material }: SrtpKey): string {
  return `a=crypto:${tag} ${suite} inline:${material.toString('base64')}`;
}

/** The key that an SDP of the engine gives with a suite. */
function keyIn(sdp: string, suite: SrtpSuiteName): { tag: number; key: SrtpKey } {
  const found = parseSdp(sdp, 'rtp', 'required').crypto.find(({ key }) => key.suite === suite);
  if (found === undefined) throw new Error(`no ${suite} in the SDP`);
  return found;
}

function protect(carrier: RtpPeer, own: SrtpKey, theirs: SrtpKey): void {
  carrier.protection = { sender: new SrtpSender(own), receiver: new SrtpReceiver(theirs) };
}

function carrierPolicy(more: Partial<LegPolicy>): LegPolicy {
  return { ...policy('rtp', ['pcmu']), ...more };
}

interface Dialled {
  events: SessionEvents;
  session: MediaSession;
  browser: WebrtcPeer;
  carrier: RtpPeer;
  browserOffer: string;
  policies: { from: LegPolicy; to: LegPolicy };
  offered: string;
  /** More of the carrier's answer. */
  moreLines?: string[];
}

/** A browser's offer went on to the carrier, who has not answered yet. */
export async function dialSecured(engine: MediaEngine, more: Partial<LegPolicy>): Promise<Dialled> {
  const events = new SessionEvents();
  const session = await openSession(engine, events);
  const [browser, carrier] = [openBrowser(), await openCarrier()];
  const policies = { from: policy('webrtc', ALL_CODECS), to: carrierPolicy(more) };
  const browserOffer = await browser.offer();
  const offered = await session.offerTo('callee', browserOffer, policies);
  carrier.follow(offered);
  return { events, session, browser, carrier, browserOffer, policies, offered };
}

/** Answers with one suite; the browser takes what comes of it. */
export async function answerSecured(
  call: Dialled,
  suite: SrtpSuiteName,
  protocol: string,
): Promise<SrtpKey> {
  const { tag, key } = keyIn(call.offered, suite);
  const own = newKey(suite);
  const formats = { ...RTP_FORMATS.pcmu, protocol };
  formats.lines = [...formats.lines, ...(call.moreLines ?? []), cryptoLine(tag, own)];
  call.browser.take(await call.session.answerTo('caller', call.carrier.sdp(formats)));
  protect(call.carrier, own, key);
  await call.events.connected.waitFor(1);
  return own;
}

export async function expectBothWays(
  call: Dialled,
  first = 1,
  engine: Pick<EngineUnderTest, 'decodes'> = {},
): Promise<void> {
  const run = { ...RUN, sequence: first, timestamp: first * 160 };
  await carry(engine, audio(5, run), { from: call.carrier, to: call.browser });
  await carry(engine, audio(5, { ...run, ssrc: 8 }), { from: call.browser, to: call.carrier });
  if (engine.decodes === true) return;
  expect(call.carrier.rtp.items.at(-1)?.payload).toEqual(Buffer.alloc(160, 5));
  expect(call.browser.rtp.items.at(-1)?.payload).toEqual(Buffer.alloc(160, 5));
}

export function srtpCases({ test, shared, create }: Suite): void {
  for (const suite of SRTP_SUITE_NAMES) {
    test(`speaks SRTP with ${suite} to a carrier that must have it`, async () => {
      const call = await dialSecured(shared().engine, { srtp: 'required' });
      expect(lines(call.offered, 'm=audio')[0]).toContain(' RTP/SAVP ');
      expect(lines(call.offered, 'a=crypto')).toHaveLength(SRTP_SUITE_NAMES.length);
      await answerSecured(call, suite, 'RTP/SAVP');
      await expectBothWays(call, 1, shared());
    });
  }

  test('protects reports, and counts packets that are not protected', async () => {
    const call = await dialSecured(shared().engine, { srtp: 'required' });
    await answerSecured(call, 'AES_CM_128_HMAC_SHA1_80', 'RTP/SAVP');
    await expectBothWays(call, 1, shared());
    const { protection } = call.carrier;
    call.carrier.protection = undefined;
    call.carrier.sendRtcp(Buffer.from('80c9000100000005', 'hex'));
    for (const packet of audio(3, { ...RUN, sequence: 6 })) call.carrier.send(packet);
    call.carrier.protection = protection;
    await expect.poll(async () => (await call.session.statistics()).callee.packetsRejected).toBe(4);
    if (shared().decodes !== true) expect(call.browser.rtp.items).toHaveLength(5);
    // Reports are sent within 7.5 s.
    const [report] = await call.carrier.rtcp.waitFor(1);
    expect(report?.readUInt8(1)).toBe(200);
  });

  test('offers SRTP beside plain RTP, and takes either', async () => {
    const secured = await dialSecured(shared().engine, { srtp: 'offered' });
    expect(lines(secured.offered, 'm=audio')[0]).toContain(' RTP/AVP ');
    await answerSecured(secured, 'AES_CM_128_HMAC_SHA1_80', 'RTP/AVP');
    await expectBothWays(secured, 1, shared());
    const plain = await dialSecured(shared().engine, { srtp: 'offered' });
    const sdp = plain.carrier.sdp(RTP_FORMATS.pcmu);
    plain.browser.take(await plain.session.answerTo('caller', sdp));
    await plain.events.connected.waitFor(1);
    await expectBothWays(plain, 1, shared());
  });

  test('refuses a plain answer where SRTP is required, and one that nobody offered', async () => {
    const call = await dialSecured(shared().engine, { srtp: 'required' });
    const plain = call.session.answerTo('caller', call.carrier.sdp(RTP_FORMATS.pcmu));
    await expect(plain).rejects.toMatchObject({
      code: 'CL_MEDIA_SRTP',
      sipStatus: 488,
      sentence: expect.stringContaining('it has no a=crypto line') as string,
    });
    const formats = { ...RTP_FORMATS.pcmu, protocol: 'RTP/SAVP' };
    const own = newKey('AES_CM_128_HMAC_SHA1_80');
    formats.lines = [
      ...formats.lines,
      cryptoLine(9, own),
      'a=crypto:1 F8_128_HMAC_SHA1_80 inline:x',
    ];
    const foreign = call.session.answerTo('caller', call.carrier.sdp(formats));
    await expect(foreign).rejects.toMatchObject({
      code: 'CL_MEDIA_SRTP',
      sentence: expect.stringContaining('none of its 2 a=crypto lines') as string,
    });
    const error: unknown = await foreign.catch((thrown: unknown) => thrown);
    expect(String(error)).not.toContain(own.material.toString('base64'));
    // The right answer is still taken.
    await answerSecured(call, 'AES_CM_128_HMAC_SHA1_80', 'RTP/SAVP');
    await expectBothWays(call, 1, shared());
  });

  test('refuses RTP/SAVP where SRTP is off', async () => {
    const { session, carrier } = await dialSecured(shared().engine, {});
    const sdp = carrier.sdp({ ...RTP_FORMATS.pcmu, protocol: 'RTP/SAVP' });
    await expect(session.answerTo('caller', sdp)).rejects.toMatchObject({
      code: 'CL_MEDIA_SDP_PROTOCOL',
    });
  });

  test('takes a new key of the carrier in a re-offer, and keeps its own', async () => {
    const call = await dialSecured(shared().engine, { srtp: 'required' });
    await answerSecured(call, 'AES_CM_128_HMAC_SHA1_80', 'RTP/SAVP');
    await expectBothWays(call, 1, shared());
    const { key } = keyIn(call.offered, 'AES_CM_128_HMAC_SHA1_80');
    const own = newKey('AES_CM_128_HMAC_SHA1_80');
    const formats = { ...RTP_FORMATS.pcmu, protocol: 'RTP/SAVP' };
    formats.lines = [...formats.lines, cryptoLine(4, own)];
    const policies = { from: call.policies.to, to: policy('webrtc', ['pcmu']) };
    await call.session.offerTo('caller', call.carrier.sdp(formats), policies);
    const answered = await call.session.answerTo(
      'callee',
      call.browserOffer.replace('a=setup:actpass', 'a=setup:passive'),
    );
    if (shared().passesOn !== true)
      expect(lines(answered, 'a=crypto')).toEqual([cryptoLine(4, key)]);
    const theirs = keyIn(answered, 'AES_CM_128_HMAC_SHA1_80');
    expect(theirs.tag).toBe(4);
    const same = theirs.key.material.equals(key.material);
    const { receiver } = call.carrier.protection!;
    call.carrier.protection = {
      sender: new SrtpSender(own),
      receiver: same ? receiver : new SrtpReceiver(theirs.key),
    };
    await expectBothWays(call, 6, shared());
  });

  test('answers the offer of a carrier that calls, with the first suite that both have', async () => {
    const events = new SessionEvents();
    const session = await openSession(shared().engine, events);
    const [carrier, browser] = [await openCarrier(), openBrowser()];
    const own = newKey('AEAD_AES_128_GCM');
    const formats = { ...RTP_FORMATS.pcmu, protocol: 'RTP/SAVP' };
    formats.lines = [
      ...formats.lines,
      'a=crypto:1 AES_192_CM_HMAC_SHA1_80 inline:AAAA',
      `${cryptoLine(2, newKey('AES_CM_128_HMAC_SHA1_80'))}|2^31|1:4`,
      `${cryptoLine(3, newKey('AES_CM_128_HMAC_SHA1_80'))} UNENCRYPTED_SRTP`,
      cryptoLine(7, own),
    ];
    const offer = carrier.sdp(formats);
    const from = carrierPolicy({ srtp: 'required' });
    const to = policy('webrtc', ['pcmu']);
    const offered = await session.offerTo('callee', offer, { from, to });
    const answered = await session.answerTo('caller', await browser.answer(offered));
    expect(lines(answered, 'm=audio')[0]).toContain(' RTP/SAVP ');
    expect(lines(answered, 'a=crypto')).toHaveLength(1);
    const { tag, key } = keyIn(answered, 'AEAD_AES_128_GCM');
    expect(tag).toBe(7);
    carrier.follow(answered);
    protect(carrier, own, key);
    await events.connected.waitFor(1);
    await carry(shared(), audio(5, RUN), { from: carrier, to: browser });
    await carry(shared(), audio(5, { ...RUN, ssrc: 8 }), { from: browser, to: carrier });
  });

  test('refuses the plain offer of a carrier where SRTP is required', async () => {
    const { engine } = await create();
    try {
      const session = await openSession(engine);
      const carrier = await openCarrier();
      const from = carrierPolicy({ srtp: 'required' });
      // Before anybody is rung for it.
      const to = policy('webrtc', ['pcmu']);
      const refused = session.offerTo('callee', carrier.sdp(RTP_FORMATS.pcmu), { from, to });
      await expect(refused).rejects.toMatchObject({ code: 'CL_MEDIA_SRTP', sipStatus: 488 });
      await session.close();
    } finally {
      await engine.close();
    }
  });
}

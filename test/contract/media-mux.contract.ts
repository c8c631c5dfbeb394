import { expect } from 'vitest';
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
  type Call,
} from '../support/media-rig.js';
import type { ReceivedRtp } from '../support/media-rtp-peer.js';
import type { EngineUnderTest, Suite } from './engine-under-test.js';
import { carry } from './speaker.js';

const RUN = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };
const MUXED = { ...RTP_FORMATS.pcmu, lines: [...RTP_FORMATS.pcmu.lines, 'a=rtcp-mux'] };
/** A receiver report without blocks. */
const REPORT = Buffer.from('80c9000100000005', 'hex');
const SENDER_REPORT = 200;

/** A browser calls a trunk that may have RTCP on the port of RTP. */
async function placeMuxedCall({ engine }: EngineUnderTest, formats = MUXED): Promise<Call> {
  const events = new SessionEvents();
  const session = await openSession(engine, events);
  const [browser, carrier] = [openBrowser(), await openCarrier()];
  const browserOffer = await browser.offer();
  const carrierOffer = await session.offerTo('callee', browserOffer, {
    from: policy('webrtc', ALL_CODECS),
    to: { ...policy('rtp', ['pcmu']), rtcpMux: true },
  });
  carrier.follow(carrierOffer);
  const browserAnswer = await session.answerTo('caller', carrier.sdp(formats));
  browser.take(browserAnswer);
  await events.connected.waitFor(1);
  return { session, events, browser, carrier, browserOffer, carrierOffer, browserAnswer };
}

/** Read as if it were RTP, its type is marker and payload type. */
function isReport({ marker, payloadType }: ReceivedRtp): boolean {
  return marker && payloadType === SENDER_REPORT - 128;
}

export function muxCases({ test, shared }: Suite): void {
  test('offers RTCP on the port of RTP beside the next one, and reports there once it is agreed', async () => {
    const call = await placeMuxedCall(shared());
    const port = call.carrier.remotePort;
    expect(lines(call.carrierOffer, 'a=rtcp')).toEqual([`a=rtcp:${port + 1}`, 'a=rtcp-mux']);
    await carry(shared(), audio(3, RUN), { from: call.carrier, to: call.browser });
    await carry(shared(), audio(3, { ...RUN, ssrc: 8 }), { from: call.browser, to: call.carrier });
    call.carrier.sendRaw(REPORT);
    // Reports are sent within 7.5 s.
    await call.carrier.rtp.waitFor(1, isReport);
    expect(call.carrier.rtcp.items).toEqual([]);
    expect((await call.session.statistics()).callee.packetsRejected).toBe(0);
  });

  test('keeps RTCP on the next port for a carrier that does not want it otherwise', async () => {
    const call = await placeMuxedCall(shared(), RTP_FORMATS.pcmu);
    await carry(shared(), audio(3, RUN), { from: call.carrier, to: call.browser });
    await carry(shared(), audio(3, { ...RUN, ssrc: 8 }), { from: call.browser, to: call.carrier });
    call.carrier.sendRaw(REPORT);
    call.carrier.sendRtcp(REPORT);
    const [report] = await call.carrier.rtcp.waitFor(1);
    expect(report?.readUInt8(1)).toBe(SENDER_REPORT);
    expect((await call.session.statistics()).callee.packetsRejected).toBe(1);
  });

  test('answers a carrier that offers RTCP on the port of RTP as the trunk says', async () => {
    for (const rtcpMux of [true, false]) {
      const session = await openSession(shared().engine);
      const [browser, carrier] = [openBrowser(), await openCarrier()];
      const from = { ...policy('rtp', ['pcmu']), rtcpMux };
      const to = policy('webrtc', ['pcmu']);
      const offered = await session.offerTo('callee', carrier.sdp(MUXED), { from, to });
      const answer = await session.answerTo('caller', await browser.answer(offered));
      const own = Number(lines(answer, 'm=audio')[0]?.split(' ')[1]) + 1;
      // Beside a=rtcp-mux, a=rtcp is allowed (RFC 5761 section 5.1.1).
      const told = lines(answer, 'a=rtcp');
      if (rtcpMux) expect(told).toContain('a=rtcp-mux');
      else expect(told).toEqual([`a=rtcp:${own}`]);
    }
  });
}

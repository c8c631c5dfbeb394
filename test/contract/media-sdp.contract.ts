import { expect } from 'vitest';
import { CopperlineError } from '../../gateway/kernel/errors.js';
import type { CodecName, LegPolicy, MediaEngine } from '../../gateway/media/media-engine.js';
import {
  ALL_CODECS,
  openBrowser,
  openCarrier,
  openSession,
  policy,
  RTP_FORMATS,
} from '../support/media-rig.js';
import type { Suite } from './engine-under-test.js';

async function refusal(promise: Promise<unknown>): Promise<CopperlineError> {
  const error: unknown = await promise.then(
    () => new Error('it was accepted'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(CopperlineError);
  return error as CopperlineError;
}

interface OfferCase {
  title: string;
  bend: (offer: string) => string;
  code: string;
  status: number;
  sentence: RegExp;
}

const without = (start: string) => (offer: string) =>
  offer
    .split('\r\n')
    .filter((line) => !line.startsWith(start))
    .join('\r\n');

const BROWSER_OFFERS: readonly OfferCase[] = [
  {
    title: 'no audio',
    bend: (offer) => offer.replace('m=audio', 'm=video'),
    code: 'CL_MEDIA_SDP_NO_AUDIO',
    status: 488,
    sentence: /no m=audio line/,
  },
  {
    title: 'audio with port 0',
    bend: (offer) => offer.replace(/m=audio \d+/, 'm=audio 0'),
    code: 'CL_MEDIA_SDP_NO_AUDIO',
    status: 488,
    sentence: /m=audio line of the SDP is refused/,
  },
  {
    title: 'no ICE user fragment',
    bend: without('a=ice-ufrag'),
    code: 'CL_MEDIA_SDP_NO_ICE',
    status: 488,
    sentence: /no a=ice-ufrag line/,
  },
  {
    title: 'an ICE password that is too short',
    bend: (offer) => offer.replace(/a=ice-pwd:.*/, 'a=ice-pwd:short'),
    code: 'CL_MEDIA_SDP_NO_ICE',
    status: 488,
    sentence: /a=ice-pwd line .* not valid/,
  },
  {
    title: 'no fingerprint',
    bend: without('a=fingerprint'),
    code: 'CL_MEDIA_SDP_NO_FINGERPRINT',
    status: 488,
    sentence: /no a=fingerprint line/,
  },
  {
    title: 'a fingerprint that is cut off',
    bend: (offer) => offer.replace(/a=fingerprint:.*/, 'a=fingerprint:sha-256 AB:CD'),
    code: 'CL_MEDIA_SDP_NO_FINGERPRINT',
    status: 488,
    sentence: /does not hold the 32 bytes/,
  },
  {
    title: 'no rtcp-mux',
    bend: without('a=rtcp-mux'),
    code: 'CL_MEDIA_SDP_NO_ICE',
    status: 488,
    sentence: /no a=rtcp-mux line/,
  },
  {
    title: 'plain RTP',
    bend: (offer) => offer.replace('UDP/TLS/RTP/SAVPF', 'RTP/AVP'),
    code: 'CL_MEDIA_SDP_PROTOCOL',
    status: 488,
    sentence: /"RTP\/AVP"/,
  },
  {
    title: 'unknown codecs only',
    bend: (offer) =>
      offer
        .replace(/^(m=audio \d+ \S+) .*$/m, '$1 97 98')
        .replace(/a=rtpmap:111 .*/, 'a=rtpmap:97 speex/16000\r\na=rtpmap:98 iLBC/8000'),
    code: 'CL_MEDIA_NO_COMMON_CODEC',
    status: 488,
    sentence: /speex, ilbc.*pcmu/,
  },
  {
    title: 'garbage',
    bend: () => '\u0000\u0001\u0002 this is no SDP',
    code: 'CL_MEDIA_SDP_INVALID',
    status: 400,
    sentence: /begins with .* instead of "v=0"/,
  },
  {
    title: 'a line of garbage',
    bend: (offer) => offer.replace('t=0 0', 'GET / HTTP/1.1'),
    code: 'CL_MEDIA_SDP_INVALID',
    status: 400,
    sentence: /"GET \/ HTTP\/1\.1", is no SDP line/,
  },
  {
    title: 'nothing at all',
    bend: () => '',
    code: 'CL_MEDIA_SDP_INVALID',
    status: 400,
    sentence: /begins with ""/,
  },
];

const toCarrier = (codecs: readonly CodecName[]): { from: LegPolicy; to: LegPolicy } => ({
  from: policy('webrtc', ALL_CODECS),
  to: policy('rtp', codecs),
});

async function withOffer(
  engine: MediaEngine,
  run: (session: Awaited<ReturnType<MediaEngine['open']>>, offer: string) => Promise<void>,
): Promise<void> {
  const session = await openSession(engine);
  const browser = openBrowser();
  await run(session, await browser.offer());
}

export function sdpCases({ test, shared }: Suite): void {
  for (const { title, bend, code, status, sentence } of BROWSER_OFFERS) {
    test(`refuses an offer with ${title}`, async () => {
      await withOffer(shared().engine, async (session, offer) => {
        const refused = session.offerTo('callee', bend(offer), toCarrier(['pcmu']));
        const error = await refusal(refused);
        expect(error.message).toMatch(sentence);
        expect([error.code, error.sipStatus]).toEqual([code, status]);
        expect((await shared().engine.counts()).ports).toBe(0);
        // The session is as it was: a good offer still works.
        await session.offerTo('callee', offer, toCarrier(['pcmu']));
      });
    });
  }

  test('names both lists when the offer has nothing that could be transcoded', async () => {
    await withOffer(shared().engine, async (session, offer) => {
      const g711 = offer.replace(/^(m=audio \d+ \S+) .*$/m, '$1 0 126');
      const policies = { from: policy('webrtc', ['opus']), to: policy('rtp', ['g722']) };
      const error = await refusal(session.offerTo('callee', g711, policies));
      expect(error.code).toBe('CL_MEDIA_NO_COMMON_CODEC');
      expect(error.message).toMatch(/the offer has "pcmu".*takes "g722"/);
    });
  });

  test('refuses bad answers of a carrier and takes a good one after them', async () => {
    const carrier = await openCarrier();
    const good = carrier.sdp(RTP_FORMATS.pcmu);
    await withOffer(shared().engine, async (session, offer) => {
      const noOffer = await refusal(session.answerTo('caller', good));
      expect(noOffer.code).toBe('CL_MEDIA_SDP_NO_OFFER');
      await session.offerTo('callee', offer, toCarrier(['pcmu']));
      for (const [answer, code] of [
        ['garbage', 'CL_MEDIA_SDP_INVALID'],
        [good.replace(/c=.*\r\n/, ''), 'CL_MEDIA_SDP_INVALID'],
        [good.replace('127.0.0.1\r\nt=', 'carrier.example\r\nt='), 'CL_MEDIA_SDP_INVALID'],
        [good.replace('m=audio', 'm=text'), 'CL_MEDIA_SDP_NO_AUDIO'],
        [good.replace('RTP/AVP', 'RTP/SAVP'), 'CL_MEDIA_SDP_PROTOCOL'],
        [good.replace('RTP/AVP 0 101', 'RTP/AVP 18'), 'CL_MEDIA_NO_COMMON_CODEC'],
        [good.replace('RTP/AVP 0 101', 'RTP/AVP zero'), 'CL_MEDIA_SDP_INVALID'],
      ] as const) {
        expect((await refusal(session.answerTo('caller', answer))).code, answer).toBe(code);
      }
      expect(await session.answerTo('caller', good)).toContain('a=fingerprint');
    });
  });
}

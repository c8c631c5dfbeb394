import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserOffer, without } from '../../support/gateway-sdp.js';
import { GatewayWorld } from '../../support/gateway-world.js';

let world: GatewayWorld;

beforeAll(async () => {
  world = await GatewayWorld.start();
});

afterAll(() => world.close());

const OTHER_CODECS = browserOffer((lines) =>
  without('a=rtpmap')(lines)
    .map((line) => (line.startsWith('m=') ? 'm=audio 9 UDP/TLS/RTP/SAVPF 103 104' : line))
    .concat('a=rtpmap:103 ISAC/16000', 'a=rtpmap:104 CN/32000'),
);
const VIDEO_ONLY = browserOffer((lines) => lines.map((line) => line.replace('m=audio', 'm=video')));

describe('an offer', () => {
  it.each([
    ['without audio', VIDEO_ONLY, 488, 'CL_MEDIA_SDP_NO_AUDIO', /audio/],
    ['with no media at all', browserOffer(without('m=')), 488, 'CL_MEDIA_SDP_NO_AUDIO', /audio/],
    ['without ICE', browserOffer(without('a=ice')), 488, 'CL_MEDIA_SDP_NO_ICE', /ice/i],
    [
      'without rtcp-mux',
      browserOffer(without('a=rtcp-mux')),
      488,
      'CL_MEDIA_SDP_NO_ICE',
      /rtcp-mux/,
    ],
    [
      'without fingerprint',
      browserOffer(without('a=fingerprint')),
      488,
      'CL_MEDIA_SDP_NO_FINGERPRINT',
      /fingerprint/,
    ],
    ['with unknown codecs only', OTHER_CODECS, 488, 'CL_MEDIA_NO_COMMON_CODEC', /isac.*pcmu, pcma/],
    ['that is no SDP', 'hello', 400, 'CL_MEDIA_SDP_INVALID', /./],
    [
      'of a plain phone',
      browserOffer((lines) => lines.map((line) => line.replace('UDP/TLS/RTP/SAVPF', 'RTP/AVP'))),
      488,
      'CL_MEDIA_SDP_PROTOCOL',
      /RTP\/AVP/,
    ],
    [
      'with 10000 lines of rubbish',
      `${browserOffer()}${'a=x:y\r\n'.repeat(8_000)}m=audio`,
      400,
      'CL_MEDIA_SDP_INVALID',
      /./,
    ],
  ])('%s is refused with a sentence that names why', async (...[, sdp, status, code, named]) => {
    const browser = await world.browser();
    const invite = await browser.invite('600', sdp);
    const refusal = await browser.refusalOf(invite);
    expect(refusal).toMatchObject({ status, code });
    expect(refusal.reason).toMatch(named);
    expect(world.carrier.inbox).toEqual([]);
    const [cdr] = await world.settle(1);
    expect(cdr).toMatchObject({ end: { code, sipStatus: status, sentence: refusal.reason } });
  });
});

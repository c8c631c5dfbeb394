import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CopperlineError } from '../kernel/errors.js';
import { answerOffer, type DemoCodec, type Negotiated } from './sdp-answer.js';

const ALL: readonly DemoCodec[] = ['PCMU', 'PCMA', 'G722', 'OPUS'];

function offer(...media: string[]): string {
  return ['v=0', 'o=- 1 1 IN IP4 10.0.0.1', 's=-', 'c=IN IP4 10.0.0.1', 't=0 0', ...media, ''].join(
    '\r\n',
  );
}

function answer(sdp: string, codecs = ALL): Negotiated {
  return answerOffer(sdp, {
    codecs,
    local: { host: '127.0.0.1', port: 4000 },
    sessionId: 7,
    version: 2,
  });
}

describe('the answer', () => {
  it('is complete', () => {
    const { sdp, ...rest } = answer(
      offer('m=audio 5004 RTP/AVP 0 101', 'a=rtpmap:101 telephone-event/8000'),
    );
    expect(sdp.split('\r\n')).toEqual([
      'v=0',
      'o=demo 7 2 IN IP4 127.0.0.1',
      's=Copperline demo carrier',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      'm=audio 4000 RTP/AVP 0 101',
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-15',
      'a=ptime:20',
      'a=sendrecv',
      '',
    ]);
    expect(rest).toEqual({
      codec: 'PCMU',
      payloadType: 0,
      clockRate: 8000,
      eventPayloadType: 101,
      remote: { host: '10.0.0.1', port: 5004 },
      sending: true,
      receiving: true,
    });
  });

  it('takes the order of the offer', () => {
    expect(answer(offer('m=audio 5004 RTP/AVP 8 0')).codec).toBe('PCMA');
    expect(answer(offer('m=audio 5004 RTP/AVP 9 8 0')).codec).toBe('G722');
    expect(answer(offer('m=audio 5004 RTP/AVP 9 8 0'), ['PCMU']).codec).toBe('PCMU');
  });

  it('takes no events whose clock is not that of the audio', () => {
    const events = ['a=rtpmap:110 telephone-event/48000', 'a=rtpmap:126 telephone-event/8000'];
    const opus = ['m=audio 5004 RTP/AVP 96 126 110', 'a=rtpmap:96 opus/48000/2', ...events];
    expect(answer(offer(...opus)).eventPayloadType).toBe(110);
    expect(answer(offer('m=audio 5004 RTP/AVP 0 110 126', ...events)).eventPayloadType).toBe(126);
    const { sdp, eventPayloadType } = answer(offer('m=audio 5004 RTP/AVP 0 110', ...events));
    expect(eventPayloadType).toBeUndefined();
    expect(sdp).not.toContain('telephone-event');
  });

  it('refuses every stream but the first audio with port 0, in its place', () => {
    const { sdp } = answer(
      offer('m=video 6000 RTP/AVP 96', 'm=audio 5004 RTP/AVP 0', 'm=audio 5006 RTP/AVP 0'),
    );
    expect(sdp.match(/^m=.*$/gm)?.map((line) => line.trim())).toEqual([
      'm=video 0 RTP/AVP 96',
      'm=audio 4000 RTP/AVP 0',
      'm=audio 0 RTP/AVP 0',
    ]);
  });

  it.each([
    { direction: 'sendrecv', mirrored: 'sendrecv', sending: true, receiving: true },
    { direction: 'sendonly', mirrored: 'recvonly', sending: false, receiving: true },
    { direction: 'recvonly', mirrored: 'sendonly', sending: true, receiving: false },
    { direction: 'inactive', mirrored: 'inactive', sending: false, receiving: false },
  ])('mirrors $direction', ({ direction, mirrored, sending, receiving }) => {
    const negotiated = answer(offer('m=audio 5004 RTP/AVP 0', `a=${direction}`));
    expect(negotiated.sdp).toContain(`a=${mirrored}\r\n`);
    expect(negotiated).toMatchObject({ sending, receiving });
  });

  it('takes the address and direction of the media before those of the session', () => {
    const sdp = offer('a=inactive', 'm=audio 5004 RTP/AVP 0', 'c=IN IP6 ::1', 'a=sendrecv');
    expect(answer(sdp)).toMatchObject({ remote: { host: '::1' }, sending: true });
  });

  it('is silent towards 0.0.0.0', () => {
    const sdp = offer('m=audio 5004 RTP/AVP 0', 'c=IN IP4 0.0.0.0');
    expect(answer(sdp).sending).toBe(false);
  });
});

describe('offers that are refused', () => {
  it.each([
    ['', 'The offer has no audio over RTP/AVP but no media at all.'],
    [offer('m=audio 5004 RTP/SAVP 0'), 'no audio over RTP/AVP but audio RTP/SAVP.'],
    [offer('m=audio 0 RTP/AVP 0'), 'no audio over RTP/AVP but audio RTP/AVP.'],
    [offer('m=audio 70000 RTP/AVP 0'), 'no audio over RTP/AVP but audio RTP/AVP.'],
    [offer('m=audio 5004 RTP/AVP 18 300 x'), 'The offer has no codec; this number takes'],
    [offer('m=audio 5004 RTP/AVP 96', 'a=rtpmap:96 PCMU/16000'), 'The offer has PCMU; this'],
    [
      offer('m=audio 5004 RTP/AVP 0', 'c=IN IP4 pbx.example').replace('10.0.0.1', 'x'),
      'The c= line of the offer is not an IP address.',
    ],
  ])('%#', (sdp, sentence) => {
    expect(() => answer(sdp)).toThrow(sentence);
    expect(() => answer(sdp)).toThrow(CopperlineError);
  });

  it('never fails in another way, whatever comes', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom('m=audio 1 RTP/AVP 0', 'c=IN IP4 1.2.3.4', 'a=rtpmap:0', 'm=', 'a=sendonly'),
      fc
        .tuple(fc.constantFrom('m=audio ', 'c=IN IP4 ', 'a=rtpmap:'), fc.string())
        .map((p) => p.join('')),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        try {
          const { sdp, remote } = answer(lines.join('\r\n'));
          expect(sdp.startsWith('v=0\r\n')).toBe(true);
          expect(remote.port).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toMatchObject({ code: 'CL_DEMO_OFFER_UNACCEPTABLE' });
        }
      }),
    );
  });
});

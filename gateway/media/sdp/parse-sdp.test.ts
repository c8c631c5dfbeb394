import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CopperlineError } from '../../kernel/errors.js';
import { parseSdp } from './parse-sdp.js';
import { offeredLine, writeSdp, type LocalDescription } from './write-sdp.js';

const FINGERPRINT = `sha-256 ${Array(32).fill('AB').join(':')}`;

function browserOffer(): string {
  const local: LocalDescription = {
    rtcp: 'next-port',
    comfortNoise: false,
    sessionId: '42',
    version: 1,
    address: '192.0.2.1',
    port: 40_000,
    codecs: [
      { codec: 'opus', payloadType: 111 },
      { codec: 'pcmu', payloadType: 0 },
    ],
    telephoneEvents: [{ payloadType: 110, clockRate: 48_000, events: '0-15' }],
    direction: 'sendrecv',
    ptimeMs: 20,
    crypto: [],
    webrtc: {
      ufrag: '12345678',
      pwd: 'abcdefghijklmnopqrstuvwx',
      fingerprint: FINGERPRINT,
      setup: 'actpass',
      candidates: [{ address: '192.0.2.1', port: 40_000, priority: 1 }],
      ssrc: 7,
    },
    lines: [offeredLine({ kind: 'webrtc' })],
    audioIndex: 0,
  };
  return writeSdp(local);
}

const CARRIER_ANSWER = [
  'v=0',
  'o=- 1 1 IN IP4 198.51.100.7',
  's=-',
  'c=IN IP4 198.51.100.7',
  't=0 0',
  'm=audio 4000 RTP/AVP 8 96',
  'a=rtpmap:96 telephone-event/8000',
  'a=fmtp:96 16',
  'a=rtcp:4444',
  '',
].join('\r\n');

describe('parseSdp', () => {
  it('reads what writeSdp writes', () => {
    expect(parseSdp(browserOffer(), 'webrtc')).toMatchObject({
      codecs: [
        { codec: 'opus', payloadType: 111 },
        { codec: 'pcmu', payloadType: 0 },
      ],
      telephoneEvents: [{ payloadType: 110, clockRate: 48_000, events: '0-15' }],
      direction: 'sendrecv',
      // Digits only, which the SDP library turns into a number.
      ice: { ufrag: '12345678' },
      dtls: { fingerprint: FINGERPRINT, setup: 'actpass' },
      lines: [{ type: 'audio', mid: '0' }],
    });
  });

  it('reads a carrier with static payload types, its RTCP port and a single event', () => {
    expect(parseSdp(CARRIER_ANSWER, 'rtp')).toMatchObject({
      codecs: [{ codec: 'pcma', payloadType: 8 }],
      telephoneEvents: [{ payloadType: 96, clockRate: 8000, events: '16' }],
      address: '198.51.100.7',
      port: 4000,
      rtcpPort: 4444,
    });
  });

  it('prefers the address of the media line, and reads the old way to hold', () => {
    const own = CARRIER_ANSWER.replace('a=rtcp', 'c=IN IP4 0.0.0.0\r\na=rtcp');
    const parsed = parseSdp(own, 'rtp');
    expect([parsed.address, parsed.direction]).toEqual(['0.0.0.0', 'sendonly']);
  });

  it('takes LF line ends and credentials at session level', () => {
    const [head = '', ...rest] = browserOffer().split(/(?=m=audio)/);
    const media = rest.join('');
    const moved = media.split('\r\n').filter((line) => /^a=(ice-|fingerprint|setup)/.test(line));
    const kept = media.split('\r\n').filter((line) => !moved.includes(line));
    const offer = `${head}${moved.join('\n')}\n${kept.join('\n')}`.replaceAll('\r\n', '\n');
    expect(parseSdp(offer, 'webrtc').ice?.ufrag).toBe('12345678');
  });

  describe('several fingerprints (RFC 8122 section 5)', () => {
    const line = (type: string, bytes: number) =>
      `a=fingerprint:${type} ${Array(bytes).fill('CD').join(':')}\r\n`;
    const [SHA_1, SHA_512] = [line('sha-1', 20), line('SHA-512', 64)];
    const OWN = `a=fingerprint:${FINGERPRINT}\r\n`;
    const read = (offer: string) => parseSdp(offer, 'webrtc').dtls?.fingerprint;
    const STRONGEST = `sha-512 ${Array(64).fill('CD').join(':')}`;

    it.each([
      ['the strongest, first', SHA_512 + OWN, STRONGEST],
      ['the strongest, last', OWN + SHA_512, STRONGEST],
      ['the one of SHA-2', OWN + SHA_1, FINGERPRINT],
      ['the one that is whole', OWN + line('sha-512', 63) + line('sha-384', 64), FINGERPRINT],
    ])('takes %s', (_, lines, expected) => {
      expect(read(browserOffer().replace(OWN, lines))).toBe(expected);
    });

    it('takes those of its own media before any of the session or of other media', () => {
      const others = browserOffer().replace('m=audio', `${SHA_512}m=audio`);
      const video = `m=video 9 UDP/TLS/RTP/SAVPF 96\r\n${SHA_512}`;
      expect(read(others + video)).toBe(FINGERPRINT);
      expect(read(others.replace(OWN, '') + video)).toBe(STRONGEST);
    });

    it('refuses them when none is usable, and says it of the last', () => {
      const offer = browserOffer().replace(OWN, line('sha-256', 31) + SHA_1);
      expect(() => read(offer)).toThrow(
        expect.objectContaining({
          code: 'CL_MEDIA_SDP_NO_FINGERPRINT',
          sentence: 'The a=fingerprint line with "sha-1" is not one of SHA-256, SHA-384, SHA-512.',
        }) as Error,
      );
    });
  });

  it('answers any damage with a CL_MEDIA_ error and nothing else', () => {
    const sources: { sdp: string; kind: 'webrtc' | 'rtp' }[] = [
      { sdp: browserOffer(), kind: 'webrtc' },
      { sdp: CARRIER_ANSWER, kind: 'rtp' },
    ];
    fc.assert(
      fc.property(
        fc.record({
          source: fc.constantFrom(...sources),
          position: fc.nat(),
          damage: fc.constantFrom('cut', 'digits', 'noise', 'drop', 'double'),
          noise: fc.string({ maxLength: 12 }),
        }),
        ({ source, position, damage, noise }) => {
          const { sdp, kind } = source;
          const lines = sdp.split('\r\n');
          const at = position % lines.length;
          const line = lines[at] ?? '';
          if (damage === 'cut') lines[at] = line.slice(0, position % (line.length + 1));
          if (damage === 'digits') lines[at] = line.replace(/[A-Za-z.:/-]+$/, '123');
          if (damage === 'noise') lines[at] = line.slice(0, 2) + noise;
          if (damage === 'drop') lines.splice(at, 1);
          if (damage === 'double') lines.splice(at, 0, line);
          try {
            parseSdp(lines.join('\r\n'), kind);
          } catch (error) {
            expect(error).toBeInstanceOf(CopperlineError);
            expect((error as CopperlineError).code).toMatch(/^CL_MEDIA_SDP_/);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('keeps the text of a peer in a sentence short and printable', () => {
    const sdp = browserOffer().replace('t=0 0', `\u001b[31m${'x'.repeat(5000)}`);
    expect(() => parseSdp(sdp, 'webrtc')).toThrow(/^Line 5 of the SDP, "\?\[31mx{75}\.\.\.", is/);
  });
});

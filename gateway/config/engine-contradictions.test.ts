import { describe, expect, it } from 'vitest';
import { sentences, trunk } from '../../test/support/config-sentences.js';

describe('engines', () => {
  it('refuses rtpengine without daemons, with one twice, and what it cannot do for a trunk', () => {
    const media = { engine: 'rtpengine', rtpengine: { injectDigits: false } } as const;
    expect(sentences({ media })).toEqual([
      expect.stringMatching(/^media\.rtpengine\.daemons: is empty, but media\.engine is rtpengine/),
    ]);
    const daemons = [{ host: 'a.example' }, { host: 'A.example', port: 2223 }];
    const twice = { ...media, rtpengine: { injectDigits: false, daemons } };
    expect(sentences({ media: twice })).toEqual([
      expect.stringMatching(/^media\.rtpengine\.daemons\[1\]: is the same daemon as/),
    ]);
    const clash = { digits: { host: '0.0.0.0', port: 2225 }, daemons: [{ host: 'a.example' }] };
    expect(sentences({ media: { ...media, rtpengine: clash } })).toEqual([
      expect.stringMatching(
        /^media\.rtpengine\.reports\.port: is 2225, which is media\.rtpengine\.digits\.port/,
      ),
    ]);
    const one = { ...media, rtpengine: { injectDigits: false, daemons: [{ host: 'a.example' }] } };
    const trunks = [
      { ...trunk('carrier'), dtmf: 'inband' as const, minToneMs: 200 },
      trunk('backup'),
    ];
    expect(sentences({ media: one, trunks })).toEqual([
      expect.stringMatching(/^trunks\[0\]\.minToneMs: is above 100, but rtpengine/),
      expect.stringMatching(
        /^trunks\[0\]\.dtmf: is inband, but media\.rtpengine\.injectDigits is false/,
      ),
    ]);
    const sounding = { inbound: { ringback: 'local' as const, refusalToneSeconds: 3 } };
    expect(
      sentences({
        media: { ...one, holdMusic: '/x.wav' },
        trunks: [{ ...trunk('carrier'), ...sounding }, trunk('backup')],
      }),
    ).toEqual([]);
    const able = [{ ...trunk('carrier'), srtp: 'required' as const, rtcpMux: true }];
    expect(sentences({ media: one, trunks: [...able, trunk('backup')] })).toEqual([]);
    const linear = [
      { ...trunk('carrier'), codecs: ['pcma', 'l16-8000'] as const, comfortNoise: true },
    ];
    expect(sentences({ media: one, trunks: [...linear, trunk('backup')] })).toEqual([
      expect.stringMatching(/^trunks\[0\]\.codecs\[1\]: is L16 of a rate that rtpengine/),
      expect.stringMatching(/^trunks\[0\]\.comfortNoise: is true, but rtpengine/),
    ]);
    const far = { trunks: [{ name: 'far', host: '192.0.2.10' }], media: one };
    expect(sentences(far).join()).not.toContain('media.relay');
  });

  it('takes any trunk for wrtc, and refuses ports that clash', () => {
    const trunks = [
      { ...trunk('carrier'), comfortNoise: true, srtp: 'required' as const },
      { ...trunk('backup'), codecs: ['opus' as const] },
    ];
    expect(sentences({ media: { engine: 'wrtc' }, trunks })).toEqual([]);
    const ports = (min: number, max: number) =>
      sentences({ media: { engine: 'wrtc', wrtc: { browser: { ports: { min, max } } } } });
    expect(ports(42_000, 45_000).join()).toMatch(
      /browser\.ports: overlaps media\.relay\.carrier\.ports/,
    );
    expect(ports(50_000, 49_000).join()).toMatch(/ports\.min: is above max/);
    expect(ports(50_000, 50_010).join()).toMatch(/ports\.max: leaves ports for 11 calls/);
    expect(ports(0, 0)).toEqual([]);
  });
});

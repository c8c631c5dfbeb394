import { describe, expect, it } from 'vitest';
import type { Role } from '../../../test/support/dtls/handshake-rig.js';
import { against, changing, type Tamper } from '../../../test/support/dtls/tampering-peer.js';
import { uint16List, vector8 } from './bytes.js';
import { HANDSHAKE } from './handshake-message.js';
import { EXTENSION } from './hello-extensions.js';
import {
  readClientHello,
  readServerHello,
  writeClientHello,
  writeServerHello,
  type ClientHello,
  type ServerHello,
} from './hello-messages.js';

type Refusal = [sentence: string, alert: string];

function refuses(role: Role, tamper: Tamper, expected: { sentence: string; alert: string }): void {
  const { us, peer, rig } = against(role, tamper);
  rig.start().run();
  expect(us.error?.sentence).toBe(expected.sentence);
  expect(us.error?.code).toBe('CL_MEDIA_TRANSPORT_FAILED');
  expect(us.keys).toBeUndefined();
  expect(peer.alerts).toEqual([expected.alert]);
  rig.end();
}

type Edit<Hello> = (hello: Hello, extensions: Map<number, Buffer>) => Partial<Hello>;

const clientHello = (edit: Edit<ClientHello>): Tamper =>
  changing(HANDSHAKE.clientHello, (body) => {
    const hello = readClientHello(body);
    const extensions = new Map(hello.extensions);
    return writeClientHello({ ...hello, ...edit(hello, extensions), extensions });
  });

const serverHello = (edit: Edit<ServerHello>): Tamper =>
  changing(HANDSHAKE.serverHello, (body) => {
    const hello = readServerHello(body);
    const extensions = new Map(hello.extensions);
    return writeServerHello({ ...hello, ...edit(hello, extensions), extensions });
  });

const setting =
  (type: number, content: Buffer | undefined) =>
  (_hello: unknown, extensions: Map<number, Buffer>): Record<string, never> => {
    if (content === undefined) extensions.delete(type);
    else extensions.set(type, content);
    return {};
  };

const EMS =
  'The browser has no extended master secret (RFC 7627), without which DTLS keys are not safe for SRTP.';
const NO_SRTP = "The browser's DTLS hello names no SRTP profile (use_srtp, RFC 5764).";
const SRTP = 'The browser and we share no SRTP profile.';
const OTHER_SRTP = 'The browser chose an SRTP profile that we did not offer.';
const SIGNATURES =
  'The browser takes no DTLS signature by ECDSA with SHA-256, the kind of our certificate.';
const CURVES = 'The browser and we share no curve for DTLS: we have P-256 and X25519.';
const RENEGOTIATION = 'The browser wants to renegotiate a DTLS that is new.';
const POINTS = 'The browser takes no uncompressed points in DTLS.';
const SUITES = 'The browser and we share no DTLS cipher suite.';
const MKI = Buffer.concat([uint16List([1]), vector8(Buffer.of(7))]);
const noMki = (...profiles: number[]) => Buffer.concat([uint16List(profiles), vector8()]);

describe('as a server, DTLS refuses a hello', () => {
  it.each<[string, Edit<ClientHello>, ...Refusal]>([
    [
      'of DTLS 1.0',
      () => ({ version: 0xfeff }),
      'The browser has no DTLS 1.2.',
      'protocol_version',
    ],
    ['of TLS', () => ({ version: 0x0303 }), 'The browser has no DTLS 1.2.', 'protocol_version'],
    ['without our suite', () => ({ suites: [0xc02f, 0x1301] }), SUITES, 'handshake_failure'],
    ['without EMS', setting(EXTENSION.extendedMasterSecret, undefined), EMS, 'handshake_failure'],
    ['without SRTP', setting(EXTENSION.useSrtp, undefined), NO_SRTP, 'handshake_failure'],
    ['of other SRTP', setting(EXTENSION.useSrtp, noMki(2, 5, 6)), SRTP, 'handshake_failure'],
    [
      'that knows SHA-1 alone',
      setting(EXTENSION.signatureAlgorithms, undefined),
      SIGNATURES,
      'handshake_failure',
    ],
    [
      'of RSA alone',
      setting(EXTENSION.signatureAlgorithms, uint16List([0x0401])),
      SIGNATURES,
      'handshake_failure',
    ],
    [
      'of other curves',
      setting(EXTENSION.supportedGroups, uint16List([24, 25, 0x11ec])),
      CURVES,
      'handshake_failure',
    ],
    [
      'that renegotiates',
      setting(EXTENSION.renegotiationInfo, vector8(Buffer.alloc(12))),
      RENEGOTIATION,
      'handshake_failure',
    ],
    [
      'without points',
      setting(EXTENSION.ecPointFormats, vector8(Buffer.of(1))),
      POINTS,
      'illegal_parameter',
    ],
    [
      'with half a list',
      setting(EXTENSION.supportedGroups, Buffer.of(0, 3, 0, 29, 0)),
      "The browser's DTLS message ClientHello is malformed.",
      'decode_error',
    ],
  ])('%s', (_name, edit, ...[sentence, alert]) => {
    refuses('server', clientHello(edit), { sentence, alert });
  });

  it('with an extension twice', () => {
    const twice = changing(HANDSHAKE.clientHello, (body) => {
      const hello = readClientHello(body);
      const bare = writeClientHello({ ...hello, extensions: new Map() });
      const list = Buffer.from('000800170000001700 00'.replace(' ', ''), 'hex');
      return Buffer.concat([bare.subarray(0, -2), list]);
    });
    refuses('server', twice, {
      sentence: "The browser's DTLS hello holds the extension 23 twice.",
      alert: 'illegal_parameter',
    });
  });

  it('with compression alone, or bytes too many', () => {
    const compressed = changing(HANDSHAKE.clientHello, (body) => {
      const changed = Buffer.from(body);
      changed[changed.indexOf(Buffer.of(0xc0, 0x2f, 1, 0)) + 3] = 1;
      return changed;
    });
    refuses('server', compressed, { sentence: SUITES, alert: 'handshake_failure' });
    const long = changing(HANDSHAKE.clientHello, (body) => Buffer.concat([body, Buffer.of(0)]));
    refuses('server', long, {
      sentence: "The browser's DTLS message ClientHello is malformed.",
      alert: 'decode_error',
    });
  });
});

describe('as a server, DTLS takes', () => {
  it.each<[string, Edit<ClientHello>, string]>([
    ['an MKI that it does not answer', setting(EXTENSION.useSrtp, MKI), 'AES_CM_128_HMAC_SHA1_80'],
    ['AES-128-GCM', setting(EXTENSION.useSrtp, noMki(8, 7)), 'AEAD_AES_128_GCM'],
    ['AES-256-GCM', setting(EXTENSION.useSrtp, noMki(2, 8)), 'AEAD_AES_256_GCM'],
    [
      'unknown things (GREASE, RFC 8701)',
      (_hello, extensions) => {
        extensions.set(0x3a3a, Buffer.of(0));
        extensions.set(EXTENSION.supportedGroups, uint16List([0xdada, 0x11ec, 29]));
        return { suites: [0x1301, 0x2a2a, 0xc02b], version: 0xfefc };
      },
      'AES_CM_128_HMAC_SHA1_80',
    ],
  ])('%s', (_name, edit, suite) => {
    // What comes after it is another matter: the end that tampers has another transcript.
    const { rig } = against('server', clientHello(edit));
    rig.start().deliver();
    const hello = rig.sent.find(({ from }) => from === 'server')?.datagram;
    const profile = { AES_CM_128_HMAC_SHA1_80: 1, AEAD_AES_128_GCM: 7, AEAD_AES_256_GCM: 8 }[suite];
    expect(hello?.includes(Buffer.of(0, 14, 0, 5, 0, 2, 0, profile ?? 0, 0))).toBe(true);
  });
});

describe('as a client, DTLS refuses a server', () => {
  it.each<[string, Edit<ServerHello>, ...Refusal]>([
    [
      'of DTLS 1.0',
      () => ({ version: 0xfeff }),
      'The browser has no DTLS 1.2.',
      'protocol_version',
    ],
    [
      'with another suite',
      () => ({ suite: 0xc02c }),
      'The browser chose a DTLS cipher suite that we lack.',
      'illegal_parameter',
    ],
    ['without EMS', setting(EXTENSION.extendedMasterSecret, undefined), EMS, 'handshake_failure'],
    ['without SRTP', setting(EXTENSION.useSrtp, undefined), NO_SRTP, 'handshake_failure'],
    ['with other SRTP', setting(EXTENSION.useSrtp, noMki(2)), OTHER_SRTP, 'illegal_parameter'],
    ['with two profiles', setting(EXTENSION.useSrtp, noMki(1, 7)), OTHER_SRTP, 'illegal_parameter'],
    ['with an MKI', setting(EXTENSION.useSrtp, MKI), OTHER_SRTP, 'illegal_parameter'],
    [
      'that answers what was not asked',
      setting(35, Buffer.alloc(0)),
      'The browser answered the DTLS extension 35, which we did not send.',
      'unsupported_extension',
    ],
    [
      'that renegotiates',
      setting(EXTENSION.renegotiationInfo, vector8(Buffer.alloc(24))),
      RENEGOTIATION,
      'handshake_failure',
    ],
    [
      'of RSA with an ECDSA certificate',
      () => ({ suite: 0xc02f }),
      "The browser's DTLS certificate does not go with the cipher suite that it chose.",
      'illegal_parameter',
    ],
  ])('%s', (_name, edit, ...[sentence, alert]) => {
    refuses('client', serverHello(edit), { sentence, alert });
  });
});

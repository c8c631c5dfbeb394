import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { selfSignedCertificate } from '../../gateway/media/dtls/self-signed-certificate.js';
import { readPeerKey, writeCertificate } from '../../gateway/media/dtls/peer-certificate.js';
import { SRTP_SUITES } from '../../gateway/media/srtp/srtp-suite.js';
import {
  OpensslPeer,
  PeerCertificates,
  type PeerCertificate,
} from '../support/dtls/openssl-peer.js';
import { UdpEndpoint, type Keys } from '../support/dtls/udp-endpoint.js';

const EC = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
const KEYING_MATERIAL = /Keying material: ([0-9A-F]+)/;
const ours = selfSignedCertificate(Date.now());

let certificates: PeerCertificates;
let ec: PeerCertificate;
let rsa: PeerCertificate;
const endings: (() => void | Promise<void>)[] = [];

beforeAll(() => {
  certificates = new PeerCertificates();
  ec = certificates.make('ec', EC);
  rsa = certificates.make('rsa', ['rsa:2048']);
});
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
afterAll(() => {
  certificates.remove();
});

/** What openssl is to export: 60 bytes for AES-CM, 56 for AES-128-GCM, 88 for AES-256-GCM. */
function exporting(profile: string, bytes: number): string[] {
  return [
    ...['-use_srtp', profile],
    ...['-keymatexport', 'EXTRACTOR-dtls_srtp', '-keymatexportlen', String(bytes)],
  ];
}
const CM = exporting('SRTP_AES128_CM_SHA1_80', 60);

/** RFC 5764 section 4.2, put together again from what the endpoint gave. */
function exported({ local, remote }: Keys, role: 'client' | 'server'): string {
  const [client, server] = role === 'client' ? [local, remote] : [remote, local];
  const { keyBytes } = SRTP_SUITES[local.suite];
  const parts = [
    ...[client, server].map(({ material }) => material.subarray(0, keyBytes)),
    ...[client, server].map(({ material }) => material.subarray(keyBytes)),
  ];
  return Buffer.concat(parts).toString('hex').toUpperCase();
}

function openssl(command: string, args: readonly string[]): OpensslPeer {
  const peer = new OpensslPeer([command, '-dtls1_2', ...args]);
  endings.push(() => peer.stop());
  return peer;
}

function withKey({ certFile, keyFile }: PeerCertificate): string[] {
  return ['-cert', certFile, '-key', keyFile];
}

async function endpoint(role: 'client' | 'server', fingerprint: string): Promise<UdpEndpoint> {
  const opened = await UdpEndpoint.open({
    ...{ role, certificate: ours },
    remoteFingerprint: fingerprint,
  });
  endings.push(() => {
    opened.close();
  });
  return opened;
}

/** We call openssl s_server, which asks for a cookie first. */
async function callServer(
  fingerprint: string,
  args: readonly string[],
  loses: UdpEndpoint['loses'] = () => false,
) {
  const peer = openssl('s_server', ['-accept', '127.0.0.1:0', ...args]);
  const port = Number(await peer.said(/ACCEPT 127\.0\.0\.1:(\d+)/));
  const us = await endpoint('client', fingerprint);
  us.loses = loses;
  us.start(port);
  return { peer, us };
}

/** openssl s_client calls us. */
async function callFromClient(fingerprint: string, args: readonly string[]) {
  const us = await endpoint('server', fingerprint);
  us.start();
  const peer = openssl('s_client', ['-connect', `127.0.0.1:${us.port}`, ...args]);
  return { peer, us };
}

const sha256 = (peer: PeerCertificate): string => `sha-256 ${peer.certificate.fingerprint256}`;

describe('DTLS as the client of openssl s_server', () => {
  it.each([
    ['ECDSA', () => ec, CM],
    ['RSA with PSS', () => rsa, CM],
    ['RSA with PKCS 1', () => rsa, [...CM, '-sigalgs', 'RSA+SHA256:ECDSA+SHA256']],
    ['P-256 alone', () => ec, [...CM, '-curves', 'P-256']],
    ['X25519, which it prefers', () => ec, [...CM, '-curves', 'X25519:P-256', '-serverpref']],
    ['small datagrams', () => rsa, [...CM, '-mtu', '256']],
    [
      'what costs us least, where it would have GCM first',
      () => ec,
      exporting('SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80', 60),
    ],
  ])('exports the keys that it exports: %s', async (_name, certificate, args) => {
    const theirs = certificate();
    const { peer, us } = await callServer(sha256(theirs), [
      ...[...withKey(theirs), '-Verify', '1', ...args],
    ]);
    const keys = await us.connected;
    expect(exported(keys, 'client')).toBe(await peer.said(KEYING_MATERIAL));
    expect(us.longest).toBeLessThan(args.includes('-mtu') ? 256 : 1500);
  });

  it.each(['sha384', 'sha512'])('compares the fingerprint by %s', async (hash) => {
    const digits = createHash(hash).update(ec.certificate.raw).digest('hex').match(/../g)!;
    const { us } = await callServer(`${hash.replace('sha', 'sha-')} ${digits.join(':')}`, [
      ...[...withKey(ec), '-Verify', '1', ...CM],
    ]);
    await us.connected;
  });

  it('refuses another certificate than the SDP named, and tells the server', async () => {
    const { peer, us } = await callServer(sha256(rsa), [
      ...[...withKey(ec), '-Verify', '1', ...CM],
    ]);
    expect((await us.failed).sentence).toMatch(
      /^The browser's DTLS certificate has the fingerprint sha-256 (..:){4}…, but its SDP named (..:){4}…\.$/,
    );
    await peer.said(/alert bad certificate/);
  });

  it('refuses a server that lacks the SRTP profile which every browser has', async () => {
    const gcm = exporting('SRTP_AEAD_AES_256_GCM', 88);
    const { us } = await callServer(sha256(ec), [...withKey(ec), '-Verify', '1', ...gcm]);
    expect((await us.failed).sentence).toBe(
      "The browser's DTLS hello names no SRTP profile (use_srtp, RFC 5764).",
    );
  });

  it('refuses a server that asks for no certificate of ours', async () => {
    const { us } = await callServer(sha256(ec), [...withKey(ec), ...CM]);
    expect((await us.failed).sentence).toBe(
      'The browser sent the DTLS message ServerHelloDone where CertificateRequest belongs.',
    );
  });

  it('names the alert of a server that shares no cipher suite with it', async () => {
    const { us } = await callServer(sha256(ec), [
      ...[...withKey(ec), '-Verify', '1', ...CM, '-cipher', 'AES256-SHA'],
    ]);
    expect((await us.failed).sentence).toBe(
      'The browser closed DTLS with the alert handshake_failure.',
    );
  });
});

/** What s_server and s_client send and are sent in a handshake: two or three large datagrams each, or many of 228 bytes. */
describe('DTLS with openssl on a path that loses', () => {
  const LOST = [
    ['in', 0],
    ['in', 1],
    ['in', 2],
    ['out', 0],
    ['out', 1],
  ] as const;

  it.each(LOST)('connects to a server although datagram %s %i is lost', async (way, lost) => {
    const args = [...withKey(rsa), '-Verify', '1', ...CM, '-timeout'];
    const { peer, us } = await callServer(sha256(rsa), args, (direction, number) => {
      return direction === way && number === lost;
    });
    expect(exported(await us.connected, 'client')).toBe(await peer.said(KEYING_MATERIAL));
  });

  it.each(LOST)('connects with a client although datagram %s %i is lost', async (way, lost) => {
    const args = [...withKey(rsa), ...CM, '-timeout'];
    const { peer, us } = await callFromClient(sha256(rsa), args);
    us.loses = (direction, number) => direction === way && number === lost;
    expect(exported(await us.connected, 'server')).toBe(await peer.said(KEYING_MATERIAL));
  });
});

describe('DTLS and the certificates of openssl', () => {
  const REFUSED =
    "The browser's DTLS certificate has no key that we take: ECDSA with P-256, P-384 or P-521, or RSA with 2048 to 8192 bits.";
  const key = (newkey: string[]) => {
    const made = certificates.make(newkey.join('').replaceAll(/\W/g, ''), newkey);
    return () => readPeerKey(writeCertificate(made.certificate.raw), sha256(made));
  };

  it.each([
    [['rsa:1024']],
    [['ed25519']],
    [['rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048']],
    [['ec', '-pkeyopt', 'ec_paramgen_curve:secp256k1']],
  ])('refuses %s', (newkey) => {
    expect(key(newkey)).toThrow(REFUSED);
  });

  it.each([[['ec', '-pkeyopt', 'ec_paramgen_curve:P-384']], [['rsa:3072']]])(
    'takes %s',
    (newkey) => {
      expect(key(newkey)().type).toBe('public');
    },
  );
});

describe('DTLS as the server of openssl s_client', () => {
  it.each([
    ['ECDSA', () => ec, CM],
    ['RSA', () => rsa, CM],
    ['P-256 alone', () => ec, [...CM, '-curves', 'P-256']],
    ['small datagrams', () => rsa, [...CM, '-mtu', '256']],
    [
      'AES-128-GCM and our order',
      () => ec,
      exporting('SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM', 56),
    ],
    ['AES-256-GCM', () => ec, exporting('SRTP_AEAD_AES_256_GCM', 88)],
  ])('exports the keys that it exports: %s', async (_name, certificate, args) => {
    const theirs = certificate();
    const { peer, us } = await callFromClient(sha256(theirs), [...withKey(theirs), ...args]);
    const keys = await us.connected;
    expect(exported(keys, 'server')).toBe(await peer.said(KEYING_MATERIAL));
    expect(us.longest).toBeLessThan(args.includes('-mtu') ? 256 : 1500);
    await peer.hangUp();
    await us.closed;
  });

  it('says goodbye to the client', async () => {
    const { peer, us } = await callFromClient(sha256(ec), [...withKey(ec), ...CM]);
    await us.connected;
    await peer.said(KEYING_MATERIAL);
    us.hangUp();
    await peer.said(/closed/);
  });

  it.each([
    ['without a certificate', () => CM, 'The browser presented no DTLS certificate.'],
    [
      'without SRTP',
      () => withKey(ec),
      "The browser's DTLS hello names no SRTP profile (use_srtp, RFC 5764).",
    ],
    [
      'without our suite',
      () => [...withKey(ec), ...CM, '-cipher', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
      'The browser and we share no DTLS cipher suite.',
    ],
    [
      'without our curves',
      () => [...withKey(ec), ...CM, '-curves', 'P-521'],
      'The browser and we share no curve for DTLS: we have P-256 and X25519.',
    ],
  ])('refuses a client %s', async (_name, args, sentence) => {
    const { peer, us } = await callFromClient(sha256(ec), args());
    expect((await us.failed).sentence).toBe(sentence);
    await peer.said(/alert handshake failure/);
  });
});

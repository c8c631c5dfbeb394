import { describe, expect, it } from 'vitest';
import {
  CERTIFICATES,
  HandshakeRig,
  other,
  type Role,
} from '../../../test/support/dtls/handshake-rig.js';
import { against, changing, type Tamper } from '../../../test/support/dtls/tampering-peer.js';
import { alertBody } from './alerts.js';
import { encodeMessage, HANDSHAKE, readFragments } from './handshake-message.js';
import { readClientHello } from './hello-messages.js';
import { writeCertificate } from './peer-certificate.js';
import { RecordLayer } from './record-layer.js';
import { CONTENT, readRecords } from './record.js';
import { selfSignedCertificate } from './self-signed-certificate.js';

const ROLES: Role[] = ['client', 'server'];

function flip(body: Buffer, at: number): Buffer {
  const changed = Buffer.from(body);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}

/** Our end as `role` fails with that sentence and alert, and gives no keys. */
function fails(role: Role, tamper: Tamper, expected: [sentence: string, alert: string]): void {
  const { rig, peer, us } = against(role, tamper);
  rig.start().run();
  expect(us.keys).toBeUndefined();
  expect(us.error?.sentence).toBe(expected[0]);
  expect(peer.alerts).toEqual([expected[1]]);
  rig.end();
}

/** Our end as `role` gets no further: nothing that is wrong is told to it, so it waits until it gives up. */
function waits(role: Role, tamper: Tamper): void {
  const { rig, us } = against(role, tamper);
  rig.start().run();
  expect(us.keys).toBeUndefined();
  expect(us.error?.sentence).toBe('The browser did not finish DTLS within 30 s.');
  rig.end();
}

function helloOf({ datagram }: { datagram: Buffer }) {
  const [record] = readRecords(datagram);
  const [message] = readFragments(record?.fragment ?? Buffer.alloc(0));
  return message === undefined ? undefined : readClientHello(message.bytes);
}

const dropping =
  (type: number): Tamper =>
  (part) =>
    part !== 'ChangeCipherSpec' && part.message.type === type ? [] : [part];

describe('DTLS and a peer that is not who it should be', () => {
  it.each(ROLES)('compares the certificate with the SDP, as the %s', (role) => {
    const impostor = selfSignedCertificate(Date.UTC(2026, 0, 1));
    const tamper = changing(HANDSHAKE.certificate, () => writeCertificate(impostor.certificate));
    const { rig, peer, us } = against(role, tamper);
    rig.start().run();
    const start = (fingerprint: string): string => fingerprint.slice(0, 19);
    expect(us.error?.sentence).toBe(
      `The browser's DTLS certificate has the fingerprint ${start(impostor.fingerprint)}:…, ` +
        `but its SDP named ${start(CERTIFICATES[other(role)].fingerprint).slice(8)}:….`,
    );
    expect(peer.alerts).toEqual(['bad_certificate']);
    rig.end();
  });

  it('takes the fingerprint in small letters and names a hash that it lacks', () => {
    const { fingerprint } = CERTIFICATES.server;
    const small = new HandshakeRig((rig) => ({
      client: rig.endpoint('client', fingerprint.toLowerCase()),
    }));
    expect(small.start().run().agreed).toBe(true);
    const md5 = new HandshakeRig((rig) => ({ client: rig.endpoint('client', 'md5 00:11') }));
    md5.start().run();
    expect(md5.client.error?.sentence).toBe(
      "The browser's SDP has a fingerprint by md5, not by SHA-2.",
    );
    expect(md5.server.error?.sentence).toBe(
      'The browser closed DTLS with the alert bad_certificate.',
    );
  });

  it('wants a certificate of the client', () => {
    fails(
      'server',
      changing(HANDSHAKE.certificate, () => Buffer.of(0, 0, 0)),
      ['The browser presented no DTLS certificate.', 'handshake_failure'],
    );
  });

  it('wants the proof that the certificate is the client’s own', () => {
    const changed = changing(HANDSHAKE.certificateVerify, (body) => flip(body, 12));
    fails('server', changed, [
      "The browser's DTLS CertificateVerify is not signed with the key of its certificate.",
      'decrypt_error',
    ]);
    const rsa = changing(HANDSHAKE.certificateVerify, (body) =>
      Buffer.concat([Buffer.of(4, 1), body.subarray(2)]),
    );
    fails('server', rsa, [
      "The browser's DTLS CertificateVerify is signed with the scheme 0x401, which does not go with its certificate or was not offered.",
      'illegal_parameter',
    ]);
  });

  it('wants the proof that the key is the server’s own', () => {
    const changed = changing(HANDSHAKE.serverKeyExchange, (body) => flip(body, 10));
    fails('client', changed, [
      "The browser's DTLS key is not signed with the key of its certificate.",
      'decrypt_error',
    ]);
  });

  it.each(ROLES)('wants a Finished that goes with all messages, as the %s', (role) => {
    const changed = changing(HANDSHAKE.finished, (body) => flip(body, 11));
    const sentence = "The browser's DTLS Finished does not go with the messages that we exchanged.";
    fails(role, changed, [sentence, 'decrypt_error']);
    const short = changing(HANDSHAKE.finished, (body) => body.subarray(1));
    fails(role, short, [sentence, 'decrypt_error']);
  });

  it.each([Buffer.alloc(33), Buffer.concat([Buffer.of(32), Buffer.alloc(32)])])(
    'refuses a key that is none',
    (body) => {
      const zeros = changing(HANDSHAKE.clientKeyExchange, () => body);
      const { rig, us } = against('server', zeros);
      rig.start().run();
      expect(us.error?.sentence).toMatch(/is malformed|is not one of its curve/);
      expect(us.keys).toBeUndefined();
      rig.end();
    },
  );
});

describe('DTLS and a peer that leaves things out', () => {
  it.each(ROLES)('hears no Finished in the clear, as the %s', (role) => {
    waits(role, (part) =>
      part !== 'ChangeCipherSpec' && part.epoch === 1 ? [{ ...part, epoch: 0 }] : [part],
    );
  });

  it.each(ROLES)('hears no Finished before the ChangeCipherSpec, as the %s', (role) => {
    waits(role, (part) => (part === 'ChangeCipherSpec' ? [] : [part]));
  });

  it.each([
    HANDSHAKE.certificate,
    HANDSHAKE.clientKeyExchange,
    HANDSHAKE.certificateVerify,
    HANDSHAKE.finished,
  ])('waits for message %i of the client', (type) => {
    waits('server', dropping(type));
  });

  it('names the message that is missing when the next has its number', () => {
    let skipped = 0;
    const tamper: Tamper = (part) => {
      if (part === 'ChangeCipherSpec') return [part];
      const { message } = part;
      if (message.type === HANDSHAKE.certificateVerify) {
        skipped = 1;
        return [];
      }
      return [{ ...part, message: { ...message, sequence: message.sequence - skipped } }];
    };
    fails('server', tamper, [
      'The browser sent the DTLS message Finished where CertificateVerify belongs.',
      'unexpected_message',
    ]);
  });

  it('answers a server that asks for a cookie, three times at most', () => {
    const layer = new RecordLayer('server');
    const rig = new HandshakeRig();
    let asked = 0;
    rig.path = ({ from, datagram }) => {
      if (from === 'server') return [datagram];
      const body = Buffer.of(0xfe, 0xff, 2, 7, asked);
      const request = encodeMessage({
        type: HANDSHAKE.helloVerifyRequest,
        sequence: asked++,
        body,
      });
      rig.send('server', layer.seal(CONTENT.handshake, 0, request));
      return [];
    };
    rig.start().deliver();
    const hellos = rig.sent.filter(({ from }) => from === 'client').map(helloOf);
    const cookies = hellos.map((hello) => (hello === undefined ? hello : [...hello.cookie]));
    // The last thing that it sends is an alert.
    expect(cookies).toEqual([[], [7, 0], [7, 1], [7, 2], undefined]);
    for (const hello of hellos.slice(0, 4)) expect(hello?.random).toEqual(hellos[0]?.random);
    expect(rig.client.error?.sentence).toBe(
      'The browser sent the DTLS message HelloVerifyRequest where ServerHello belongs.',
    );
    rig.end();
  });
});

describe('DTLS that is connected', () => {
  it.each(ROLES)('names the alert that ended it: %s', (role) => {
    const { rig, peer, us } = against(role, (part) => [part]);
    rig.start().run();
    expect(us.keys).toBeDefined();
    const alert = Buffer.from(alertBody('access_denied'));
    rig.ends[role].receive(peer.layer.seal(CONTENT.alert, 1, alert));
    expect(us.error?.sentence).toBe('The browser closed DTLS with the alert access_denied.');
    rig.end();
  });

  it.each(ROLES)('hears no data, no renegotiation, no warning: %s', (role) => {
    const { rig, peer, us } = against(role, (part) => [part]);
    rig.start().run();
    const before = rig.sent.length;
    const hello = Buffer.alloc(60, 1);
    const contents: [number, Buffer][] = [
      [23, Buffer.from('data')],
      [CONTENT.handshake, hello],
      [CONTENT.alert, Buffer.of(1, 100)],
      [CONTENT.alert, Buffer.of(3, 0)],
      [CONTENT.alert, Buffer.of(2)],
      [CONTENT.changeCipherSpec, Buffer.of(1)],
    ];
    for (const [type, content] of contents)
      rig.ends[role].receive(peer.layer.seal(type as 22, 1, content));
    expect(us.error).toBeUndefined();
    expect(us.closed).toBe(false);
    expect(rig.sent).toHaveLength(before);
    rig.end();
  });
});

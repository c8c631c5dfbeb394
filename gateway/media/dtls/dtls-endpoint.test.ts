import { describe, expect, it } from 'vitest';
import {
  CERTIFICATES,
  HandshakeRig,
  other,
  type Role,
} from '../../../test/support/dtls/handshake-rig.js';
import { alertBody } from './alerts.js';
import { DtlsEndpoint } from './dtls-endpoint.js';
import { CONTENT, DTLS_1_2, recordHeader } from './record.js';

const ROLES: Role[] = ['client', 'server'];

function plainAlert(name: 'handshake_failure' | 'close_notify'): Buffer {
  const body = alertBody(name);
  const record = { type: CONTENT.alert, version: DTLS_1_2, epoch: 0, sequence: 9 };
  return Buffer.concat([recordHeader(record, body.length), body]);
}

describe('DtlsEndpoint', () => {
  it('agrees on the keys of SRTP in two round trips and four datagrams', () => {
    const rig = new HandshakeRig().start().deliver();
    expect(rig.agreed).toBe(true);
    expect(rig.client.keys?.local.suite).toBe('AES_CM_128_HMAC_SHA1_80');
    expect(rig.client.keys?.local.material).toHaveLength(30);
    expect(rig.sent.map(({ from }) => from)).toEqual(['client', 'server', 'client', 'server']);
    for (const { datagram } of rig.sent) expect(datagram.length).toBeLessThanOrEqual(1200);
    expect(rig.clock.pending).toBe(0);
    rig.end();
  });

  it('does not wait for the server to be started', () => {
    const rig = new HandshakeRig();
    rig.ends.client.start();
    expect(rig.deliver().agreed).toBe(true);
  });

  it('has other keys each time', () => {
    const [one, another] = [1, 2].map(() => new HandshakeRig().start().deliver().client.keys);
    expect(one?.local.material).not.toEqual(another?.local.material);
  });

  it.each(ROLES)('tells the peer when the %s closes, once', (role) => {
    const rig = new HandshakeRig().start().deliver();
    rig.ends[role].close();
    rig.ends[role].close();
    rig.deliver();
    expect(rig[other(role)].closed).toBe(true);
    // The goodbye and the peer's own; nobody answers that one.
    expect(rig.sent).toHaveLength(6);
    expect(rig[role].closed).toBe(false);
    expect([rig.client.error, rig.server.error]).toEqual([undefined, undefined]);
    rig.end();
  });

  it.each(ROLES)('is silent when the %s closes before it is connected', (role) => {
    const rig = new HandshakeRig();
    rig.path = ({ number, datagram }) => (number < 2 ? [datagram] : []);
    rig.start().deliver();
    const before = rig.sent.length;
    rig.ends[role].close();
    rig.ends[role].start();
    rig.ends[role].receive(rig.sent[role === 'client' ? 1 : 0]!.datagram);
    expect(rig.sent).toHaveLength(before);
    rig.ends[other(role)].close();
    expect(rig.clock.pending).toBe(0);
  });

  it.each(ROLES)('gives up after 30 s without an answer: %s', (role) => {
    const rig = new HandshakeRig();
    rig.path = ({ from, datagram }) => (from === 'client' && role === 'server' ? [datagram] : []);
    rig.start().run();
    expect(rig[role].error?.code).toBe('CL_MEDIA_TRANSPORT_FAILED');
    expect(rig[role].error?.sentence).toBe(
      role === 'client'
        ? 'The browser did not answer our DTLS hello within 30 s.'
        : 'The browser did not finish DTLS within 30 s.',
    );
    expect(rig.clock.pending).toBe(0);
    rig.end();
  });

  it('repeats its flight after 100 ms, then half as often each time, down to every second', () => {
    const rig = new HandshakeRig();
    const times: number[] = [];
    rig.path = () => {
      times.push(rig.clock.monotonic());
      return [];
    };
    rig.start().run();
    expect(times.slice(0, 9)).toEqual([0, 100, 300, 700, 1500, 2500, 3500, 4500, 5500]);
    expect(rig.sent).toHaveLength(33);
  });

  it('keeps what is already slow slow: a flight after one that was lost has its time-out', () => {
    const rig = new HandshakeRig();
    const times: number[] = [];
    rig.path = ({ from, number, datagram }) => {
      if (from === 'client' && number > 1) times.push(rig.clock.monotonic());
      return number === 0 || number > 4 ? [] : from === 'client' && number > 2 ? [] : [datagram];
    };
    rig.start().deliver();
    rig.clock.advance(100);
    rig.deliver();
    rig.clock.advance(1000);
    // The hello was repeated once, so the time-out of the next flight begins at 200 ms.
    expect(times.slice(0, 3)).toEqual([100, 300, 700]);
    rig.end();
  });

  it.each(ROLES)('names the alert that ended the handshake: %s', (role) => {
    const rig = new HandshakeRig();
    rig.path = ({ number, datagram }) => (number < 2 ? [datagram] : []);
    rig.start().deliver();
    rig.ends[role].receive(plainAlert('handshake_failure'));
    expect(rig[role].error?.sentence).toBe(
      'The browser closed DTLS with the alert handshake_failure.',
    );
    rig.ends[other(role)].close();
    rig.end();
  });

  it.each(ROLES)('hears nothing in the clear when it is connected: %s', (role) => {
    const rig = new HandshakeRig().start().deliver();
    const end = rig.ends[role];
    const before = rig.sent.length;
    end.receive(plainAlert('handshake_failure'));
    end.receive(plainAlert('close_notify'));
    for (const { datagram } of [...rig.sent]) end.receive(datagram);
    expect(rig.sent).toHaveLength(before);
    expect(rig[role]).toMatchObject({ error: undefined, closed: false });
    rig.end();
  });

  it.each(ROLES)('takes a goodbye only from who has the keys: %s', (role) => {
    const rig = new HandshakeRig().start().deliver();
    rig.ends[other(role)].close();
    const goodbye = rig.sent.at(-1)!.datagram;
    const forged = Buffer.from(goodbye);
    forged[forged.length - 1]! ^= 1;
    rig.ends[role].receive(forged);
    expect(rig[role].closed).toBe(false);
    rig.ends[role].receive(goodbye);
    expect(rig[role].closed).toBe(true);
    rig.end();
  });

  it('fails once when its owner throws at the keys', () => {
    const errors: string[] = [];
    const rig = new HandshakeRig((made) => ({
      server: new DtlsEndpoint({
        ...{ role: 'server', certificate: CERTIFICATES.server, clock: made.clock },
        remoteFingerprint: CERTIFICATES.client.fingerprint,
        handlers: {
          send: (datagram) => {
            made.send('server', datagram);
          },
          onConnected: () => {
            throw new Error('no room');
          },
          onFailed: ({ sentence }) => errors.push(sentence),
          onClosed: () => undefined,
        },
      }),
    }));
    rig.start().run();
    expect(errors).toEqual(['DTLS with the browser failed inside of us.']);
    expect(rig.client.error?.sentence).toBe(
      'The browser closed DTLS with the alert internal_error.',
    );
    rig.end();
  });

  it.each([0, 1, 2, 3])(
    'leaves no timer, and gives no keys, when its owner closes it as it sends datagram %i',
    (last) => {
      const rig = new HandshakeRig();
      rig.path = ({ from, number, datagram }) => {
        if (number === last) rig.ends[from].close();
        return number < last ? [datagram] : [];
      };
      rig.start().deliver();
      rig.ends[last % 2 === 0 ? 'server' : 'client'].close();
      expect(rig.clock.pending).toBe(0);
    },
  );

  it('survives an owner who cannot send', () => {
    const rig = new HandshakeRig();
    rig.path = ({ number, datagram }) => {
      if (number < 2) throw new Error('ERR_SOCKET_DGRAM_NOT_RUNNING');
      return [datagram];
    };
    expect(rig.start().run().agreed).toBe(true);
    rig.end();
  });
});

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../gateway/kernel/clock.js';
import { address, naptrRecord, ScriptedDns, srvRecord } from '../../support/sip/scripted-dns.js';
import type { SipPeer } from '../../support/sip-peer.js';
import { SDP, SDP_ANSWER, SipServerHarness } from '../../support/sip-server-harness.js';
import { openStreamPeer, type StreamSipPeer } from '../../support/sip-stream-peer.js';
import type { SrfClient } from '../../support/srf-wire.js';

let harness: SipServerHarness;
let srf: SrfClient;
let dns: ScriptedDns;
const peers: StreamSipPeer[] = [];

beforeEach(async () => {
  dns = new ScriptedDns({ a: { 'host.example': address('127.0.0.1') } });
  const place = { host: '127.0.0.1', port: 0 };
  harness = await SipServerHarness.start(systemClock, {
    resolver: dns,
    listeners: [
      { protocol: 'udp', ...place },
      { protocol: 'tcp', ...place },
    ],
  });
  srf = await harness.srf();
});

afterEach(async () => {
  for (const peer of peers.splice(0)) await peer.close();
  await harness.close();
});

async function tcpPeer(): Promise<StreamSipPeer> {
  const peer = await openStreamPeer(harness.server);
  peers.push(peer);
  return peer;
}

/** A peer on TCP, and a UDP socket with the same port number. */
async function peerOfBoth(): Promise<{ tcp: StreamSipPeer; udp: Socket }> {
  for (;;) {
    const tcp = await tcpPeer();
    const udp = createSocket('udp4');
    udp.bind(tcp.port, '127.0.0.1');
    const free = await once(udp, 'listening').then(
      () => true,
      () => false,
    );
    if (free) return { tcp, udp };
    udp.close();
  }
}

const portOf = (peer: SipPeer): number => Number(peer.sentBy.split(':')[1]);

async function deadPort(): Promise<number> {
  const peer = await openStreamPeer(harness.server);
  await peer.close();
  return peer.port;
}

describe('the addresses of a name', () => {
  it('are tried in turn: dead, unwilling, willing', async () => {
    const unwilling = await tcpPeer();
    const willing = await harness.udpPeer();
    dns.zone.naptr = {
      'carrier.example': [
        naptrRecord('SIP+D2T', '_sip._tcp.carrier.example', 1),
        naptrRecord('SIP+D2U', '_sip._udp.carrier.example', 2),
      ],
    };
    dns.zone.srv = {
      '_sip._tcp.carrier.example': [
        srvRecord('host.example', await deadPort(), { priority: 1 }),
        srvRecord('host.example', unwilling.port, { priority: 2 }),
      ],
      '_sip._udp.carrier.example': [srvRecord('host.example', portOf(willing))],
    };
    const calling = srf.createUAC('sip:bob@carrier.example', { localSdp: SDP });
    const first = await unwilling.next('INVITE');
    unwilling.reply(first, 503);
    await unwilling.next('ACK');
    const second = await willing.next('INVITE');
    for (const name of ['Call-ID', 'From', 'To', 'CSeq'])
      expect(second.require(name)).toBe(first.require(name));
    expect(second.uri).toBe('sip:bob@carrier.example');
    expect(first.require('Via')).toContain('SIP/2.0/TCP');
    expect(second.require('Via')).toContain('SIP/2.0/UDP');
    expect(second.require('Via')).not.toBe(first.require('Via'));
    expect(first.require('Contact')).toContain(';transport=tcp');
    expect(second.require('Contact')).not.toContain(';transport=tcp');
    willing.reply(second, 200, { body: SDP_ANSWER });
    const dialog = await calling;
    await willing.next('ACK');
    const ended = dialog.destroy();
    willing.reply(await willing.next('BYE'), 200);
    await ended;
  });

  it('are given up with the last failure, and at once after a provisional response', async () => {
    const first = await tcpPeer();
    const second = await tcpPeer();
    dns.zone.srv = {
      '_sip._tcp.carrier.example': [
        srvRecord('host.example', first.port, { priority: 1 }),
        srvRecord('host.example', second.port, { priority: 2 }),
      ],
    };
    const uri = 'sip:bob@carrier.example;transport=tcp';
    const failing = srf.createUAC(uri, { localSdp: SDP });
    for (const peer of [first, second]) {
      peer.reply(await peer.next('INVITE'), 503);
      await peer.next('ACK');
    }
    await expect(failing).rejects.toMatchObject({ status: 503 });
    const ringing = srf.createUAC(uri, { localSdp: SDP });
    const invite = await first.next('INVITE');
    first.reply(invite, 180);
    first.reply(invite, 503);
    await expect(ringing).rejects.toMatchObject({ status: 503 });
    expect(second.inbox).toEqual([]);
  });

  it('can be cancelled at any of them', async () => {
    const first = await tcpPeer();
    const second = await tcpPeer();
    dns.zone.srv = {
      '_sip._tcp.carrier.example': [
        srvRecord('host.example', first.port, { priority: 1 }),
        srvRecord('host.example', second.port, { priority: 2 }),
      ],
    };
    const request = new Promise<{ cancel: () => void }>((cbRequest) => {
      srf
        .createUAC(
          'sip:bob@carrier.example;transport=tcp',
          { localSdp: SDP },
          {
            cbRequest: (error: unknown, sent: { cancel: () => void }) => {
              if (error === null || error === undefined) cbRequest(sent);
            },
          },
        )
        .catch(() => undefined);
    });
    first.reply(await first.next('INVITE'), 503);
    const invite = await second.next('INVITE');
    second.reply(invite, 180);
    (await request).cancel();
    const cancel = await second.next('CANCEL');
    expect(cancel.require('Via')).toBe(invite.require('Via'));
    second.reply(cancel, 200);
    second.reply(invite, 487);
    await second.next('ACK');
  });

  it('are none: 503', async () => {
    const calling = srf.createUAC('sip:bob@nowhere.example', { localSdp: SDP });
    await expect(calling).rejects.toMatchObject({ status: 503, reason: 'DNS Error' });
  });
});

describe('a request too large for UDP (RFC 3261 section 18.1.1)', () => {
  const large = { localSdp: SDP, headers: { Subject: 'x'.repeat(1_200) } };

  it('goes over TCP when the peer takes it', async () => {
    const peer = await tcpPeer();
    const calling = srf.createUAC(`sip:bob@${peer.sentBy}`, large);
    const invite = await peer.next('INVITE');
    expect(invite.require('Via')).toContain('SIP/2.0/TCP');
    peer.reply(invite, 486);
    await expect(calling).rejects.toMatchObject({ status: 486 });
  });

  it('goes over UDP when the peer refuses TCP, or the URI asks for UDP', async () => {
    const peer = await harness.udpPeer();
    for (const uri of [`sip:bob@${peer.sentBy}`, `sip:bob@${peer.sentBy};transport=udp`]) {
      const calling = srf.createUAC(uri, large);
      const invite = await peer.next('INVITE');
      expect(invite.require('Via')).toContain('SIP/2.0/UDP');
      peer.reply(invite, 486);
      await expect(calling).rejects.toMatchObject({ status: 486 });
    }
  });

  it('is not what a small one does', async () => {
    const { tcp, udp } = await peerOfBoth();
    const came = once(udp, 'message');
    srf.createUAC(`sip:bob@${tcp.sentBy}`, { localSdp: SDP }).catch(() => undefined);
    const [datagram] = (await came) as [Buffer];
    expect(datagram.toString()).toMatch(/^INVITE /);
    udp.close();
    expect(tcp.connections).toEqual([]);
  });
});

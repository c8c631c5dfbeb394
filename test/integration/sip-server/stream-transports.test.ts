import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestAuthority } from '../../support/sip/certificates.js';
import { runSipp, whyNoSipp } from '../../support/sipp.js';
import type { PeerMessage } from '../../support/sip-peer-message.js';
import { routed, SDP, SDP_ANSWER, SipServerHarness } from '../../support/sip-server-harness.js';
import { openStreamPeer, type StreamSipPeer } from '../../support/sip-stream-peer.js';
import type { SrfClient, SrfDialog } from '../../support/srf-wire.js';
import { systemClock } from '../../../gateway/kernel/clock.js';

let authority: TestAuthority;
let harness: SipServerHarness;
let srf: SrfClient;
const peers: StreamSipPeer[] = [];

beforeAll(() => {
  authority = new TestAuthority();
});
afterAll(() => {
  authority.remove();
});

beforeEach(async () => {
  const place = { host: '127.0.0.1', port: 0 };
  const tls = {
    certificates: [authority.issue('DNS:localhost,IP:127.0.0.1')] as const,
    caFile: authority.caFile,
  };
  harness = await SipServerHarness.start(systemClock, {
    listeners: [
      { protocol: 'udp', ...place },
      { protocol: 'tcp', ...place },
      { protocol: 'tls', ...place, tls },
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

async function tlsPeer(): Promise<StreamSipPeer> {
  const certificate = authority.issue('DNS:localhost');
  const peer = await openStreamPeer(harness.server, { certificate, host: 'localhost' });
  peers.push(peer);
  return peer;
}

async function call(
  peer: StreamSipPeer,
  uri: string,
): Promise<{ dialog: SrfDialog; invite: PeerMessage }> {
  const calling = srf.createUAC(uri, { localSdp: SDP });
  const invite = await peer.next('INVITE');
  peer.reply(invite, 180);
  peer.reply(invite, 200, { body: SDP_ANSWER });
  const dialog = await calling;
  await peer.next('ACK');
  return { dialog, invite };
}

const contactOf = (protocol: string): string =>
  harness.server.contacts.find((one) => one.startsWith(`${protocol}/`))!.slice(4);

async function hangUp(peer: StreamSipPeer, dialog: SrfDialog): Promise<PeerMessage> {
  const ended = dialog.destroy();
  const bye = await peer.next('BYE');
  peer.reply(bye, 200);
  await ended;
  return bye;
}

describe('a call out over a connection', () => {
  it('names TCP in Via and Contact, and stays on one connection', async () => {
    const peer = await tcpPeer();
    const uri = `sip:bob@${peer.sentBy};transport=tcp`;
    const { dialog, invite } = await call(peer, uri);
    expect(invite.uri).toBe(uri);
    expect(invite.require('Via')).toMatch(
      new RegExp(`^SIP/2\\.0/TCP ${contactOf('tcp')};rport;branch=`),
    );
    expect(invite.require('Contact')).toBe(`<sip:${contactOf('tcp')};transport=tcp>`);
    await hangUp(peer, dialog);
    const again = await call(peer, uri);
    await hangUp(peer, again.dialog);
    expect(peer.connections).toHaveLength(1);
    expect(harness.server.counts().flows).toBe(1);
  });

  it('opens a new connection when the old one broke during the call', async () => {
    const peer = await tcpPeer();
    const { dialog } = await call(peer, `sip:bob@${peer.sentBy};transport=tcp`);
    await peer.hangUpConnection();
    while (harness.server.counts().flows > 0) await routed(srf);
    const bye = await hangUp(peer, dialog);
    expect(bye.require('Via')).toContain('SIP/2.0/TCP');
    expect(peer.connections).toHaveLength(2);
  });

  it('ends with 503 when the connection breaks before an answer, and when there is none', async () => {
    const peer = await tcpPeer();
    const calling = srf.createUAC(`sip:bob@${peer.sentBy};transport=tcp`, { localSdp: SDP });
    await peer.next('INVITE');
    await peer.hangUpConnection();
    await expect(calling).rejects.toMatchObject({ status: 503 });
    const gone = await openStreamPeer(harness.server);
    await gone.close();
    const refused = srf.createUAC(`sip:bob@${gone.sentBy};transport=tcp`, { localSdp: SDP });
    await expect(refused).rejects.toMatchObject({ status: 503 });
  });

  it('goes over TLS to a sips URI, with a sips Contact', async () => {
    const peer = await tlsPeer();
    const { dialog, invite } = await call(peer, `sips:bob@${peer.sentBy}`);
    expect(invite.require('Via')).toMatch(
      new RegExp(`^SIP/2\\.0/TLS ${contactOf('tls')};alias;branch=`),
    );
    const options = srf.request(`sips:bob@${peer.sentBy}`, { method: 'SUBSCRIBE' });
    const subscribe = await peer.next('SUBSCRIBE');
    expect(subscribe.require('Contact')).toBe(`<sips:${contactOf('tls')};transport=tls>`);
    peer.reply(subscribe, 489);
    await options;
    await hangUp(peer, dialog);
    const same = await call(peer, `sip:bob@${peer.sentBy};transport=tls`);
    await hangUp(peer, same.dialog);
    expect(peer.connections).toHaveLength(1);
  });

  it('does not go to a TLS peer that cannot prove its name', async () => {
    const certificate = authority.issue('DNS:other.example');
    const peer = await openStreamPeer(harness.server, { certificate, host: 'localhost' });
    peers.push(peer);
    const calling = srf.createUAC(`sips:bob@${peer.sentBy}`, { localSdp: SDP });
    await expect(calling).rejects.toMatchObject({ status: 503 });
    expect(peer.inbox).toEqual([]);
  });
});

describe('a call in over a connection', () => {
  it.each(['TCP', 'TLS'] as const)('is answered and ended on it (%s)', async (transport) => {
    const dialogs: SrfDialog[] = [];
    srf.invite((req, res) => {
      expect(req.protocol).toBe(transport.toLowerCase());
      void srf.createUAS(req, res, { localSdp: SDP_ANSWER }).then((dialog) => dialogs.push(dialog));
    });
    await routed(srf);
    const peer = transport === 'TCP' ? await tcpPeer() : await tlsPeer();
    const invite = peer.request('INVITE', { body: SDP });
    const ok = await peer.next(200, 'INVITE');
    const protocol = transport.toLowerCase();
    expect(ok.require('Contact')).toBe(`<sip:${contactOf(protocol)};transport=${protocol}>`);
    expect(ok.require('Via')).toContain(invite.require('Via').split(';rport')[0]!);
    peer.callerRequest('ACK', ok, { sequence: 1 });
    while (dialogs.length === 0) await routed(srf);
    await hangUp(peer, dialogs[0]!);
    expect(peer.connections).toHaveLength(1);
  });

  it('ends for the application when its connection breaks unanswered', async () => {
    const cancelled = new Promise<void>((resolve) => {
      srf.invite((req) => {
        req.on('cancel', () => {
          resolve();
        });
      });
    });
    await routed(srf);
    const peer = await tcpPeer();
    peer.request('INVITE', { body: SDP });
    await peer.next(100);
    await peer.hangUpConnection();
    await cancelled;
  });
});

const withoutSipp = whyNoSipp();

describe.skipIf(withoutSipp !== undefined)('sipp over TCP', () => {
  it('calls in', async () => {
    srf.invite((req, res) => void srf.createUAS(req, res, { localSdp: SDP_ANSWER }));
    await routed(srf);
    const args = ['-sn', 'uac', '-t', 't1', '-d', '50', '-r', '20', contactOf('tcp')];
    const { done } = await runSipp(10, args);
    await done;
  });

  it('is called', async () => {
    const { port, done } = await runSipp(3, ['-sn', 'uas', '-t', 't1']);
    await Promise.all(
      [1, 2, 3].map(async () => {
        const dialog = await listening(() =>
          srf.createUAC(`sip:sipp@127.0.0.1:${port};transport=tcp`, { localSdp: SDP }),
        );
        await dialog.destroy();
      }),
    );
    await done;
  });
});

/** sipp says nothing when it listens; until then connections are refused, which comes back as 503. */
async function listening(attempt: () => Promise<SrfDialog>): Promise<SrfDialog> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if ((error as { status?: number }).status !== 503) throw error;
    }
  }
}

it('closes with calls and connections open', async () => {
  const peer = await tcpPeer();
  const { dialog } = await call(peer, `sip:bob@${peer.sentBy};transport=tcp`);
  const lost = once(dialog, 'destroy').catch(() => undefined);
  harness.drop(srf);
  await peer.next('BYE');
  void lost;
});

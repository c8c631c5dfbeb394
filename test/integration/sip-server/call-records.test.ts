import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppConnectionClient } from '../../support/app-connection-client.js';
import type { SipPeer } from '../../support/sip-peer.js';
import {
  routed,
  SDP,
  SDP_ANSWER,
  SECRET,
  SipServerHarness,
} from '../../support/sip-server-harness.js';
import type { SrfClient } from '../../support/srf-wire.js';

let harness: SipServerHarness;
let srf: SrfClient;
let peer: SipPeer;
/** Another application, which only keeps records. */
let keeper: AppConnectionClient;

beforeEach(async () => {
  harness = await SipServerHarness.start();
  srf = await harness.srf();
  peer = await harness.udpPeer();
  keeper = await AppConnectionClient.open(harness.server.applicationAddress);
  keeper.send(`1|authenticate|${SECRET}|`);
  await keeper.next('|OK|');
  for (const event of ['attempt', 'start', 'stop']) {
    keeper.send(`2|route|cdr:${event}`);
    await keeper.next('|OK');
  }
});
afterEach(async () => {
  keeper.destroy();
  await keeper.closed;
  await harness.close();
});

/** The tokens after the id, and the first line of the SIP message. */
async function record(event: string): Promise<string[]> {
  const payload = await keeper.next(`|cdr:${event}|`);
  const [meta = '', line = ''] = payload.split('\r\n');
  const [, , source = '', time = '', ...rest] = meta.split('|');
  expect(time).toMatch(/^\d\d:\d\d:\d\d\.\d{6}$/);
  return [source, ...rest, line];
}

const target = (): string => `sip:bob@${peer.sentBy}`;

describe('records of calls', () => {
  it('tell the attempt, start and end of a call that came', async () => {
    srf.invite((req, res) => {
      void srf.createUAS(req, res, { localSdp: SDP_ANSWER });
    });
    await routed(srf);
    peer.request('INVITE', { body: SDP });
    const ok = await peer.next(200);
    peer.callerRequest('ACK', ok, { sequence: 1 });
    peer.callerRequest('BYE', ok, { sequence: 2 });
    await peer.next(200, 'BYE');
    expect(await record('attempt')).toEqual(['network', `INVITE sip:bob@${peer.server} SIP/2.0`]);
    expect(await record('start')).toEqual(['application', 'uas', 'SIP/2.0 200 OK']);
    expect((await record('stop')).slice(0, 2)).toEqual(['network', 'normal-release']);
  });

  it('tell those of a call that the application made', async () => {
    const calling = srf.createUAC(target(), { localSdp: SDP });
    peer.reply(await peer.next('INVITE'), 200, { body: SDP_ANSWER });
    const dialog = await calling;
    await peer.next('ACK');
    const ending = dialog.destroy();
    peer.reply(await peer.next('BYE'), 200);
    await ending;
    expect((await record('attempt'))[0]).toBe('application');
    expect((await record('start')).slice(0, 2)).toEqual(['network', 'uac']);
    expect((await record('stop')).slice(0, 2)).toEqual(['application', 'normal-release']);
  });

  it('tell refused and cancelled calls in either direction', async () => {
    srf.invite((_req, res) => {
      res.send(486);
    });
    await routed(srf);
    peer.sameBranch('ACK', peer.request('INVITE'), (await peer.next(486)).require('To'));
    expect(await record('stop')).toEqual(['application', 'call-rejected', 'SIP/2.0 486 Busy Here']);
    const calling = srf.createUAC(target(), { localSdp: SDP });
    const failed = expect(calling).rejects.toMatchObject({ status: 404 });
    peer.reply(await peer.next('INVITE'), 404);
    await failed;
    expect((await record('stop')).slice(0, 2)).toEqual(['network', 'call-rejected']);
    const other = await harness.srf();
    harness.drop(srf);
    other.invite(() => undefined);
    await routed(other);
    peer.sameBranch('CANCEL', peer.request('INVITE'));
    await peer.next(487);
    expect((await record('stop')).slice(0, 2)).toEqual(['network', 'call-canceled']);
  });

  it('tell both legs of a proxied call', async () => {
    srf.invite((req) => {
      void srf.proxyRequest(req, target(), { remainInDialog: true });
    });
    await routed(srf);
    const caller = await harness.udpPeer();
    caller.request('INVITE');
    const copy = await peer.next('INVITE');
    const Route = copy.require('Record-Route');
    peer.reply(copy, 200, { headers: { 'Record-Route': Route } });
    const ok = await caller.next(200);
    expect((await record('attempt'))[0]).toBe('network');
    expect((await record('attempt'))[0]).toBe('application');
    expect((await record('start')).slice(0, 2)).toEqual(['network', 'proxy-uac']);
    expect((await record('start')).slice(0, 2)).toEqual(['application', 'proxy-uas']);
    caller.callerRequest('BYE', ok, { sequence: 2, headers: { Route } });
    peer.reply(await peer.next('BYE'), 200);
    await caller.next(200, 'BYE');
    expect((await record('stop')).slice(0, 2)).toEqual(['network', 'normal-release']);
  });

  it('reach an application of drachtio-srf', async () => {
    keeper.destroy();
    await keeper.closed;
    const told = new Promise<unknown[]>((resolve) => {
      srf.on('cdr:stop', (...event: unknown[]) => {
        resolve(event);
      });
    });
    srf.invite((_req, res) => {
      res.send(603);
    });
    await routed(srf);
    peer.request('INVITE');
    expect((await told).slice(0, 3)).toEqual(['application', expect.any(String), 'call-rejected']);
  });
});

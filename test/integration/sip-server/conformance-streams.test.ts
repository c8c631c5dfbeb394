import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConformanceWorld, outcome, STREAMS } from '../../support/conformance-world.js';
import { TestAuthority } from '../../support/sip/certificates.js';
import { SDP, SDP_ANSWER } from '../../support/sip-server-harness.js';
import type { StreamSipPeer } from '../../support/sip-stream-peer.js';
import { withSdp, type WireApplication } from '../../support/wire-application.js';

let authority: TestAuthority;
let world: ConformanceWorld;
let app: WireApplication;
let peer: StreamSipPeer;

beforeAll(() => {
  authority = new TestAuthority();
});
afterAll(() => {
  authority.remove();
});

describe.each(STREAMS)('a peer on %s', (protocol) => {
  beforeEach(async () => {
    world = await ConformanceWorld.start(undefined, protocol === 'tls' ? authority : undefined);
    app = await world.app();
    peer = await world.streamPeer(protocol === 'tls' ? authority.issue('IP:127.0.0.1') : undefined);
  });
  afterEach(() => world.close());

  const uri = (): string => `sip:bob@${peer.sentBy};transport=${protocol}`;
  const transport = protocol.toUpperCase();

  it('calls, and is reached in the dialog on its connection', async () => {
    await app.command('route|invite');
    peer.request('INVITE', { body: SDP });
    const frame = await app.event('INVITE sip:');
    expect(frame[4]).toBe(protocol);
    const echo = await app.respond(frame[8], '200 OK', withSdp(SDP_ANSWER));
    const ok = await peer.next(200);
    expect(ok.require('Contact')).toContain(`transport=${protocol}`);
    const scheme = /<(sips?):/.exec(ok.require('Contact'))?.[1];
    expect(scheme).toBe(protocol === 'tls' ? outcome('contact-over-tls') : 'sip');
    peer.callerRequest('ACK', ok, { sequence: 1 });
    await app.event('ACK sip');
    await app.inside(echo[8] ?? '', 'INFO');
    const info = await peer.next('INFO');
    expect(info.require('Via')).toContain(`SIP/2.0/${transport} `);
    peer.reply(info, 200);
    await app.event('SIP/2.0 200');
    await app.inside(echo[8] ?? '', 'BYE');
    peer.reply(await peer.next('BYE'), 200);
    await app.event('SIP/2.0 200');
    expect(peer.connections).toHaveLength(1);
  });

  it('is called on one connection, acknowledges, and hangs up', async () => {
    await app.command(`sip||\r\nINVITE ${uri()} SIP/2.0\r\n${withSdp(SDP)}`);
    const invite = await peer.next('INVITE');
    expect(invite.require('Via')).toContain(`SIP/2.0/${transport} `);
    expect(invite.require('Contact')).toContain(`transport=${protocol}`);
    peer.reply(invite, 180);
    await app.event('SIP/2.0 180');
    peer.reply(invite, 200, { body: SDP_ANSWER });
    const answered = await app.event('SIP/2.0 200');
    await app.inside(answered[9] ?? '', 'ACK');
    await peer.next('ACK');
    peer.calleeRequest('BYE', invite, { sequence: 1 });
    await app.respond((await app.event('BYE sip'))[8], '200 OK');
    await peer.next(200, 'BYE');
    expect(peer.connections).toHaveLength(1);
  });

  it('refuses, and the server acknowledges', async () => {
    const echo = await app.command(`sip||\r\nINVITE ${uri()} SIP/2.0\r\n${withSdp(SDP)}`);
    peer.reply(await peer.next('INVITE'), 486);
    await peer.next('ACK');
    expect((await app.event('SIP/2.0 486'))[8]).toBe(echo[7]);
  });

  it('cancels while it rings', async () => {
    await app.command('route|invite');
    const invite = peer.request('INVITE', { body: SDP });
    const frame = await app.event('INVITE sip:');
    await app.respond(frame[8], '180 Ringing');
    await peer.next(180);
    peer.sameBranch('CANCEL', invite);
    await peer.next(200, 'CANCEL');
    const refused = await peer.next(487, 'INVITE');
    peer.sameBranch('ACK', invite, refused.require('To'));
    expect((await app.event('CANCEL sip:'))[8]).toBe(frame[8]);
  });

  it('may send several messages at once, and one in pieces', async () => {
    await app.command('route|options');
    const texts = [1, 2, 3].map((turn) => optionsText(peer, `${turn}`));
    const [one = '', two = '', three = ''] = texts;
    peer.sendText(one + two + three.slice(0, 20));
    for (let turn = 0; turn < 2; turn += 1)
      await app.respond((await app.event('OPTIONS sip:'))[8], '200 OK');
    await peer.next(200);
    await peer.next(200);
    peer.sendText(three.slice(20));
    await app.respond((await app.event('OPTIONS sip:'))[8], '200 OK');
    await peer.next(200);
  });

  it('has its pings answered', async () => {
    peer.sendText('\r\n\r\n');
    // Answered in order, and so after the ping.
    peer.request('SUBSCRIBE', { headers: { Event: 'presence' } });
    await peer.next(503);
    const seen = peer.pongs.length === 1 ? 'pong' : 'none';
    expect(seen).toBe(protocol === 'tls' ? outcome('ping-over-tls') : 'pong');
  });

  it('loses its connection while it rings', async () => {
    await app.command('route|invite');
    peer.request('INVITE', { body: SDP });
    const frame = await app.event('INVITE sip:');
    await app.respond(frame[8], '180 Ringing');
    await peer.next(180);
    await peer.hangUpConnection();
    const seen = await Promise.race([
      app.event('CANCEL sip:').then((tokens) => (tokens[8] === frame[8] ? 'CANCEL' : 'another')),
      (async () => {
        // Over a connection that came later: by then the server knows.
        for (let turn = 0; turn < 2; turn += 1) {
          const other = await world.streamPeer();
          other.request('SUBSCRIBE', { headers: { Event: 'presence' } });
          await other.next(503);
        }
        await app.command('ping');
        return 'none';
      })(),
    ]);
    expect(seen).toBe(outcome('connection-lost-while-ringing'));
  });

  it('is gone: the request ends with 503', async () => {
    const gone = uri();
    await peer.close();
    const echo = await app.command(`sip||\r\nOPTIONS ${gone} SIP/2.0\r\n\r\n`);
    expect((await app.event('SIP/2.0 503'))[8]).toBe(echo[7]);
  });
});

function optionsText({ via, sentBy, server }: StreamSipPeer, id: string): string {
  return (
    `OPTIONS sip:bob@${server} SIP/2.0\r\nVia: ${via}\r\nMax-Forwards: 70\r\n` +
    `From: <sip:peer@${sentBy}>;tag=${id}\r\nTo: <sip:bob@${server}>\r\n` +
    `Call-ID: ${id}-${sentBy}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n`
  );
}

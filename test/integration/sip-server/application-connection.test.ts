import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../gateway/kernel/log.js';
import { Secret } from '../../../gateway/kernel/secret.js';
import { startSipServer } from '../../../gateway/sip-server/server.js';
import { AppConnectionClient } from '../../support/app-connection-client.js';
import { ManualClock } from '../../support/manual-clock.js';
import { SECRET, SipServerHarness } from '../../support/sip-server-harness.js';

let harness: SipServerHarness;
let clock: ManualClock;
let client: AppConnectionClient;

beforeEach(async () => {
  clock = new ManualClock();
  harness = await SipServerHarness.start(clock);
  client = await AppConnectionClient.open(harness.server.applicationAddress);
});
afterEach(async () => {
  client.destroy();
  await harness.close();
});

const login = async (): Promise<string> => {
  client.send(`1|authenticate|${SECRET}|`);
  return client.next('|response|1|');
};

describe('an application connection', () => {
  it('greets with contacts and a version of the form that clients compare', async () => {
    const udp = harness.server.contacts[0] ?? '';
    const answer = await login();
    expect(answer.split('|').slice(1)).toEqual([
      'response',
      '1',
      'OK',
      `${udp},ws/gateway.test:8443`,
      expect.stringMatching(/^v0\.9\.\d+/) as string,
      udp,
    ]);
  });

  it('refuses a wrong secret and closes', async () => {
    client.send('1|authenticate|cymru|');
    expect(await client.next('|1|')).toMatch(/\|response\|1\|NO\|incorrect secret$/);
    await client.closed;
  });

  it.each(['1|ping', '1|route|invite', '1|sip||\r\nOPTIONS sip:x SIP/2.0\r\n\r\n'])(
    'does nothing for a stranger: %j',
    async (payload) => {
      client.send(payload);
      expect(await client.next('|1|')).toMatch(/\|NO\|not authenticated$/);
      await client.closed;
      expect(harness.server.counts().applications).toBe(0);
    },
  );

  it('closes on a stranger that says nothing, or too much', async () => {
    client.write('2000#');
    await client.closed;
    const silent = await AppConnectionClient.open(harness.server.applicationAddress);
    while (harness.server.counts().applications === 0)
      await new Promise((resolve) => setImmediate(resolve));
    clock.advance(10_000);
    await silent.closed;
  });

  it('takes pipelined frames, repeats of a route, and removes only the named one', async () => {
    await login();
    const frames = ['2|route|invite', '3|route|invite', '4|route|options', '5|remove_route|invite'];
    client.write(
      [...frames, '6|ping'].map((frame) => `${Buffer.byteLength(frame)}#${frame}`).join(''),
    );
    expect(await client.next('|6|')).toMatch(/\|response\|6\|OK\|pong$/);
    expect(client.payloads.map((payload) => payload.split('|').slice(2).join('|'))).toEqual([
      '2|OK',
      '3|OK',
      '4|OK',
      '5|OK',
    ]);
    const peer = await harness.udpPeer();
    peer.request('INVITE');
    await peer.next(503, 'INVITE');
    peer.request('OPTIONS');
    expect(await client.next('|sip|network|')).toContain('OPTIONS sip:bob@');
  });

  it('writes the tokens of a new request, a sent response and a sent request as documented', async () => {
    await login();
    client.send('2|route|options');
    await client.next('|2|');
    const peer = await harness.udpPeer();
    const [host = '', port = ''] = peer.sentBy.split(':');
    const [, ownPort = ''] = peer.server.split(':');
    peer.request('OPTIONS');
    const [meta = '', ...text] = (await client.next('|sip|network|')).split('\r\n');
    const tokens = meta.split('|');
    expect(tokens).toHaveLength(13);
    expect(tokens.slice(4, 7)).toEqual(['udp', host, port]);
    expect(tokens[7]).toMatch(/^\d\d:\d\d:\d\d\.\d{6}$/);
    expect(tokens.slice(9)).toEqual(['', '127.0.0.1', ownPort, '']);
    expect(Number(tokens[3])).toBe(Buffer.byteLength(text.join('\r\n')));

    client.send(`3|sip|${tokens[8] ?? ''}|\r\nSIP/2.0 200 OK\r\n\r\n`);
    const sent = (await client.next('|response|3|')).split('\r\n')[0]?.split('|') ?? [];
    expect(sent.slice(3, 5)).toEqual(['OK', 'application']);
    expect(sent.slice(6, 9)).toEqual(['udp', host, port]);
    expect(sent.slice(10)).toEqual([tokens[8], '', '', 'Msg sent:', '']);
    await peer.next(200, 'OPTIONS');

    client.send(`4|sip||\r\nOPTIONS sip:bob@${peer.sentBy} SIP/2.0\r\n\r\n`);
    const echo = (await client.next('|response|4|')).split('\r\n')[0]?.split('|') ?? [];
    expect(echo.slice(3, 5)).toEqual(['OK', 'application']);
    expect(echo.slice(6, 9)).toEqual(['udp', '127.0.0.1', ownPort]);
    expect(echo.slice(11)).toEqual(['Msg sent:', '']);
    peer.reply(await peer.next('OPTIONS'), 200);
    const response = (await client.next('SIP/2.0 200')).split('\r\n')[0]?.split('|') ?? [];
    expect(response.slice(8)).toEqual([echo[10], '', '']);
  });

  it('refuses a frame that is no command, and survives what follows', async () => {
    await login();
    client.send('2|sip|a\r\nnonsense');
    expect(await client.next('|2|')).toMatch(/\|NO\|Invalid message format$/);
    await client.closed;
    const other = await AppConnectionClient.open(harness.server.applicationAddress);
    other.send(`1|authenticate|${SECRET}|`);
    await other.next('|OK|');
    other.send('2|sip||\r\nSIP/2.0 200 OK\r\n\r\n');
    expect(await other.next('|2|')).toMatch(/\|NO\|transaction id missing$/);
    await other.closed;
  });

  it('lets no application touch what belongs to another', async () => {
    await login();
    client.send('2|route|invite');
    await client.next('|2|');
    const peer = await harness.udpPeer();
    const invite = peer.request('INVITE');
    const tokens = (await client.next('|sip|network|')).split('|');
    const other = await AppConnectionClient.open(harness.server.applicationAddress);
    other.send(`1|authenticate|${SECRET}|`);
    await other.next('|OK|');
    const transaction = tokens[8] ?? '';
    other.send(`2|sip|${transaction}|\r\nSIP/2.0 200 OK\r\n\r\n`);
    expect(await other.next('|2|')).toContain('|NOK|Response not sent due to unknown transaction');
    client.send(`3|sip|${transaction}|\r\nSIP/2.0 200 OK\r\n\r\n`);
    const dialogId = (await client.next('|response|3|')).split('|')[11] ?? '';
    const ok = await peer.next(200, 'INVITE');
    peer.callerRequest('ACK', ok, { sequence: 1 });
    expect(await client.next('|sip|network|')).toContain('ACK ');
    expect(dialogId).toBe(`${invite.require('Call-ID')};from-tag=${invite.tag('From') ?? ''}`);
    other.send(`4|sip||${dialogId}\r\nBYE sip:placeholder SIP/2.0\r\n\r\n`);
    expect(await other.next('|4|')).toContain('|NOK|Server error: unable to find dialog');
    client.send(`5|sip||\r\nINVITE sip:x@${peer.sentBy} SIP/2.0\r\n\r\n`);
    const own = (await client.next('|response|5|')).split('|')[10] ?? '';
    other.send(`6|sip|${own}|\r\nCANCEL sip:x SIP/2.0\r\n\r\n`);
    expect(await other.next('|6|')).toContain('|NOK|unable to cancel unknown transaction id');
    peer.reply(await peer.next('INVITE'), 486);
    await client.next('SIP/2.0 486');
    client.send(`7|sip||${dialogId}\r\nBYE sip:placeholder SIP/2.0\r\n\r\n`);
    peer.reply(await peer.next('BYE'), 200);
    await client.next('CSeq: 2 BYE');
    other.destroy();
  });

  it('hears of its request before it hears the response, however quick that is', async () => {
    await login();
    const browser = await harness.server.openWebSocket(
      { host: '192.0.2.7', port: 40_009 },
      {
        onFrame: (frame) => {
          const text = frame.toString();
          if (text.startsWith('OPTIONS'))
            browser.send(Buffer.from(text.replace(/^.*/, 'SIP/2.0 200 Quick')));
        },
        onClosed: () => undefined,
      },
    );
    client.send('2|sip|||sip:192.0.2.7:40009;transport=ws\r\nOPTIONS sip:a@b SIP/2.0\r\n\r\n');
    await client.next('SIP/2.0 200 Quick');
    const kinds = client.history.map((payload) => payload.split('|')[1]);
    expect(kinds).toEqual(['response', 'response', 'sip']);
    browser.close();
  });

  it('outlives whatever an application sends', async () => {
    const bodies = [
      '',
      '\r\n',
      'A B SIP/2.0\r\n\r\n',
      'INVITE sip: SIP/2.0\r\n\r\n',
      'SIP/2.0 200\r\n\r\n',
    ];
    const metas = [
      'sip',
      'sip||',
      'sip|a|',
      'sip||b',
      'sip|a|b',
      'sip|||sip:\u0000',
      'proxy|a',
      'cdr:start|x',
      '',
    ];
    const addressed =
      'INVITE sip:a@127.0.0.1:9 SIP/2.0\r\nTo: <\r\nFrom: "\r\nContact: @localhost\r\n\r\n';
    for (const meta of metas)
      for (const body of [...bodies, addressed]) {
        const rough = await AppConnectionClient.open(harness.server.applicationAddress);
        rough.send(`1|authenticate|${SECRET}|`);
        await rough.next('|OK|');
        rough.send(`2|${meta}\r\n${body}`);
        expect(await rough.next('|response|2|')).toMatch(/\|NO?K?\|/);
        rough.destroy();
      }
    await login();
    client.send('2|proxy|x|||||||sip:a@b\r\nINVITE sip:a@b SIP/2.0\r\n\r\n');
    expect(await client.next('|2|')).toMatch(/\|NOK\|Unknown transaction id: x$/);
    client.send('3|ping');
    await client.next('pong');
  });

  it('hands out new requests in turn', async () => {
    await login();
    client.send('2|route|options');
    await client.next('|2|');
    const second = await AppConnectionClient.open(harness.server.applicationAddress);
    second.send(`1|authenticate|${SECRET}|`);
    await second.next('|OK|');
    second.send('2|route|options');
    await second.next('|2|');
    const peer = await harness.udpPeer();
    peer.request('OPTIONS');
    peer.request('OPTIONS');
    await Promise.all([client.next('|sip|network|'), second.next('|sip|network|')]);
    second.destroy();
  });
});

describe('startSipServer', () => {
  it('names protocol, address and port of what is taken, and leaves nothing open', async () => {
    const { port } = harness.server.applicationAddress;
    const options = {
      listeners: [{ protocol: 'udp' as const, host: '127.0.0.1', port: 0 }],
      application: { host: '127.0.0.1', port, secret: new Secret('x') },
      log: silentLog,
      clock,
    };
    await expect(startSipServer(options)).rejects.toMatchObject({
      code: 'CL_START_PORT_IN_USE',
      message: `The TCP address 127.0.0.1:${port} for SIP applications is taken by another program.`,
    });
    const udpPort = Number((harness.server.contacts[0] ?? '').split(':')[1]);
    await expect(
      startSipServer({
        ...options,
        listeners: [{ protocol: 'udp', host: '127.0.0.1', port: udpPort }],
      }),
    ).rejects.toMatchObject({
      code: 'CL_START_PORT_IN_USE',
      message: `The UDP address 127.0.0.1:${udpPort} for SIP is taken by another program.`,
    });
  });
});

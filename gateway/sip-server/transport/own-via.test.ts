import { describe, expect, it } from 'vitest';
import { parseOrThrow } from '../../../test/support/sip/requests.js';
import { silentLog, type Log } from '../../kernel/log.js';
import type { SipResponse } from '../message/sip-message.js';
import { OwnVia } from './own-via.js';
import type { Flow } from './transport.js';

const V4 = { advertised: { host: '203.0.113.5', port: 5070 } };
const V6 = { advertised: { host: '2001:db8::5', port: 5060 } };
const NAME = { advertised: { host: 'sip.example.com', port: 5061 } };

const flowOn = ({ advertised }: typeof V4, from = '192.0.2.9'): Flow =>
  ({ advertised, remote: { host: from, port: 5060 } }) as Flow;

function response(via: string): SipResponse {
  const message = parseOrThrow(
    Buffer.from(
      `SIP/2.0 200 OK\r\nVia: ${via}\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\n` +
        'Call-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n',
    ),
  );
  if (message.kind !== 'response') throw new Error('It is a request.');
  return message;
}

function check(): { own: OwnVia; lines: unknown[] } {
  const lines: unknown[] = [];
  const log = { ...silentLog, warn: (line: unknown) => lines.push(line) } as unknown as Log;
  return { own: new OwnVia([V4, V6, NAME], log), lines };
}

describe('the Via of a response', () => {
  it.each([
    ['as it was sent', V4, 'SIP/2.0/UDP 203.0.113.5:5070;branch=z9hG4bK1;rport=5070'],
    ['without parameters', V4, 'SIP/2.0/UDP 203.0.113.5:5070'],
    ['with further ones in its row', V4, 'SIP/2.0/UDP 203.0.113.5:5070, SIP/2.0/UDP 192.0.2.1'],
    ['with spaces', V4, 'SIP / 2.0 / UDP  203.0.113.5 : 5070 ;branch=z9hG4bK1'],
    ['IPv6', V6, 'SIP/2.0/UDP [2001:db8::5]:5060;branch=z9hG4bK1'],
    ['IPv6 in other letters, without its port', V6, 'SIP/2.0/UDP [2001:DB8::5];branch=z9hG4bK1'],
    ['a name in other letters, without its port', NAME, 'SIP/2.0/TLS SIP.Example.com;branch=z1'],
    ['of another listener', V6, 'SIP/2.0/UDP 203.0.113.5:5070;branch=z9hG4bK1'],
  ])('is ours: %s', (_what, listener, via) => {
    const { own, lines } = check();
    expect(own.admits(response(via), flowOn(listener))).toBe(true);
    expect([own.dropped, lines]).toEqual([0, []]);
  });

  it.each([
    'SIP/2.0/UDP 203.0.113.6:5070;branch=z9hG4bK1',
    'SIP/2.0/UDP 203.0.113.5:5071;branch=z9hG4bK1',
    'SIP/2.0/UDP 203.0.113.5:50701;branch=z9hG4bK1',
    'SIP/2.0/UDP 203.0.113.5;branch=z9hG4bK1',
    'SIP/2.0/UDP 203.0.113.50:5070;branch=z9hG4bK1',
    'SIP/2.0/UDP [2001:db8::6]:5060;branch=z9hG4bK1',
    'SIP/2.0/UDP other.example.com:5061;branch=z9hG4bK1, SIP/2.0/UDP 203.0.113.5:5070',
  ])('is not ours: %s', (via) => {
    const { own } = check();
    expect(own.admits(response(via), flowOn(V4))).toBe(false);
    expect(own.dropped).toBe(1);
  });

  it('is named once for each source, and of no more than a hundred', () => {
    const { own, lines } = check();
    const foreign = response('SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bK1');
    for (let index = 0; index < 3; index++) own.admits(foreign, flowOn(V4));
    expect(lines).toEqual([
      {
        remote: { host: '192.0.2.9', port: 5060 },
        via: 'SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bK1',
        ours: '203.0.113.5:5070',
      },
    ]);
    for (let index = 0; index < 200; index++) own.admits(foreign, flowOn(V4, `10.0.0.${index}`));
    expect(lines).toHaveLength(100);
    expect(own.dropped).toBe(203);
  });
});

import { describe, expect, it } from 'vitest';
import { getHeader, getList } from './headers.js';
import { parseNameAddr } from './name-addr.js';
import { parseSipMessage, type ParseResult } from './parse.js';
import { parseSipUri } from './uri.js';

/** The cases of RFC 4475, in our words: each names its section and what the message has that others have not. */
interface Case {
  first: string;
  /** Replace the plain header of the same name, or come in addition; `-Name` removes one. */
  headers?: readonly string[];
  body?: string | Buffer;
}

const PLAIN: Readonly<Record<string, string>> = {
  via: 'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKkdjuw',
  'max-forwards': 'Max-Forwards: 70',
  from: 'From: <sip:caller@example.net>;tag=341518',
  to: 'To: <sip:user@example.com>',
  'call-id': 'Call-ID: case@192.0.2.1',
};

function build({ first, headers = [], body = '' }: Case): Buffer {
  const method = first.startsWith('SIP/') ? 'INVITE' : (first.split(' ')[0] ?? '');
  const plain = new Map(Object.entries({ ...PLAIN, cseq: `CSeq: 1 ${method}` }));
  const rows: string[] = [];
  for (const line of headers) {
    if (line.startsWith('-')) plain.delete(line.slice(1).toLowerCase());
    else {
      plain.delete(line.split(':')[0]?.trim().toLowerCase() ?? '');
      rows.push(line);
    }
  }
  const head = [first, ...plain.values(), ...rows, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head), Buffer.from(body)]);
}

const parse = (torture: Case): ParseResult => parseSipMessage(build(torture));

describe('RFC 4475 section 3.1.1 and 3.3, 3.4: accepted', () => {
  it.each<[string, Case]>([
    ['3.1.1.3 escaped URI', { first: 'INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0' }],
    [
      '3.1.1.4 escaped null',
      { first: 'REGISTER sip:example.com SIP/2.0', headers: ['To: sip:null-%00-null@example.com'] },
    ],
    ['3.1.1.5 percent signs that escape nothing', { first: 'RE%47IST%45R sip:a@b SIP/2.0' }],
    [
      '3.1.1.6 no space between name and bracket',
      { first: 'OPTIONS sip:a@b SIP/2.0', headers: ['From: caller<sip:caller@example.com>;tag=3'] },
    ],
    [
      '3.1.1.7 long values',
      {
        first: `INVITE sip:${'amazinglylongcallername'.repeat(40)}@example.net SIP/2.0`,
        headers: [
          `Via: ${Array.from({ length: 34 }, (_, index) => `SIP/2.0/TCP sip${index}.example.com`).join(', ')}`,
          `Unknown${'Long'.repeat(30)}Name: unknown-${'long'.repeat(50)}-value`,
          `Call-ID: ${'longreq.one'.repeat(30)}`,
        ],
      },
    ],
    [
      '3.1.1.8 octets after the body',
      {
        first: 'REGISTER sip:example.com SIP/2.0',
        headers: ['Content-Length: 0'],
        body: 'INVITE sip:joe@example.com SIP/2.0\r\n\r\n',
      },
    ],
    ['3.1.1.9 semicolon in the user', { first: 'OPTIONS sip:user;par=u%40example.net@b SIP/2.0' }],
    [
      '3.1.1.10 transports in Via',
      {
        first: 'OPTIONS sip:a@b SIP/2.0',
        headers: ['Via: SIP/2.0/UNKNOWN t1.example.com;branch=z9hG4bKx, SIP/2.0/TLS t2'],
      },
    ],
    [
      '3.1.1.11 binary body',
      { first: 'MESSAGE sip:a@b SIP/2.0', body: Buffer.from([0, 13, 10, 13, 10, 255, 0x80]) },
    ],
    ['3.1.1.12 unusual reason', { first: 'SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять' }],
    ['3.1.1.13 empty reason', { first: 'SIP/2.0 100 ' }],
    [
      '3.1.2.12 bad date is the application’s',
      { first: 'INVITE sip:a@b SIP/2.0', headers: ['Date: Fri, 01 Jan 2010 16:00:00 EST'] },
    ],
    ['3.3.2 unknown scheme', { first: 'OPTIONS nobodyKnowsThisScheme:totallyopaque SIP/2.0' }],
    ['3.3.3 scheme of another', { first: 'OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0' }],
    [
      '3.3.4 unknown scheme in To',
      { first: 'REGISTER sip:b SIP/2.0', headers: ['To: isbn:2983792873'] },
    ],
    [
      '3.3.10 response with a broadcast Via',
      { first: 'SIP/2.0 200 OK', headers: ['Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1'] },
    ],
    ['3.3.11 Max-Forwards 0', { first: 'OPTIONS sip:a@b SIP/2.0', headers: ['Max-Forwards: 0'] }],
    [
      '3.4.1 INVITE of RFC 2543',
      {
        first: 'INVITE sip:UserB@example.com SIP/2.0',
        headers: [
          'Via: SIP/2.0/UDP iftgw.example.com',
          'From: <sip:+13035551111@ift.client.example.net;user=phone>',
          '-Max-Forwards',
        ],
      },
    ],
  ])('%s', (_name, torture) => {
    const result = parse(torture);
    expect(result.ok ? 'accepted' : result.why).toBe('accepted');
  });

  it('reads what the odd ones mean', () => {
    const long = parse({
      first: 'OPTIONS sip:a@b SIP/2.0',
      headers: ['Via: SIP/2.0/UDP a;x=",", SIP/2.0/UDP b'],
    });
    expect(long.ok && getList(long.message, 'via')).toHaveLength(2);
    const cut = parse({
      first: 'OPTIONS sip:a@b SIP/2.0',
      headers: ['Content-Length: 2'],
      body: 'ab\r\nc',
    });
    expect(cut.ok && cut.message.body.toString()).toBe('ab');
    const nul = parse({ first: 'OPTIONS sip:a@b SIP/2.0', headers: ['To: sip:null-%00-null@b'] });
    const to = nul.ok ? parseNameAddr(getHeader(nul.message, 'to') ?? '') : undefined;
    expect(parseSipUri(to?.uri ?? '')?.user).toBe('null-\u0000-null');
  });
});

describe('RFC 4475 section 3.1.2 and 3.3: refused', () => {
  it.each<[string, Case, [status: number, why: RegExp]]>([
    [
      '3.1.2.2 Content-Length too large',
      { first: 'INVITE sip:a@b SIP/2.0', headers: ['Content-Length: 9999'], body: 'v=0' },
      [400, /9999 exceeds/],
    ],
    [
      '3.1.2.3 Content-Length negative',
      { first: 'INVITE sip:a@b SIP/2.0', headers: ['Content-Length: -999'] },
      [400, /not a number/],
    ],
    [
      '3.1.2.4 request scalars too large',
      { first: 'REGISTER sip:b SIP/2.0', headers: ['CSeq: 36893488147419103232 REGISTER'] },
      [400, /CSeq/],
    ],
    [
      '3.1.2.4 Max-Forwards too large',
      { first: 'REGISTER sip:b SIP/2.0', headers: ['Max-Forwards: 300'] },
      [400, /Max-Forwards/],
    ],
    [
      '3.1.2.5 response scalars too large',
      {
        first: 'SIP/2.0 503 Service Unavailable',
        headers: ['CSeq: 9292394834772304023312 OPTIONS'],
      },
      [400, /CSeq/],
    ],
    [
      '3.1.2.6 quote never closed',
      { first: 'INVITE sip:a@b SIP/2.0', headers: ['To: "Mr. J. User <sip:j.user@example.com>'] },
      [400, /To is not an address/],
    ],
    [
      '3.1.2.7 brackets around the request URI',
      { first: 'INVITE <sip:user@example.com> SIP/2.0' },
      [400, /request URI/],
    ],
    [
      '3.1.2.8 space in the request URI',
      { first: 'INVITE sip:user@example.com; lr SIP/2.0' },
      [400, /one space/],
    ],
    [
      '3.1.2.9 two spaces in the request line',
      { first: 'INVITE  sip:user@example.com  SIP/2.0' },
      [400, /one space/],
    ],
    [
      '3.1.2.10 space after the version',
      { first: 'OPTIONS sip:remote-target@example.com SIP/2.0  ' },
      [400, /one space/],
    ],
    [
      '3.1.2.15 comma in a bare display name',
      {
        first: 'OPTIONS sip:a@b SIP/2.0',
        headers: ['From: Bell, Alexander <sip:a.g.bell@example.com>;tag=43'],
      },
      [400, /From is not/],
    ],
    [
      '3.1.2.16 unknown version',
      { first: 'OPTIONS sip:t.watson@example.org SIP/7.0' },
      [505, /version 7.0/],
    ],
    [
      '3.1.2.17 CSeq of another method',
      { first: 'OPTIONS sip:a@b SIP/2.0', headers: ['CSeq: 8 INVITE'] },
      [400, /differs/],
    ],
    [
      '3.1.2.18 unknown method and another CSeq',
      { first: 'NEWMETHOD sip:a@b SIP/2.0', headers: ['CSeq: 8 INVITE'] },
      [400, /differs/],
    ],
    [
      '3.1.2.19 status code out of range',
      { first: 'SIP/2.0 4294967301 better not break the receiver' },
      [400, /status line/],
    ],
    [
      '3.3.1 headers missing',
      { first: 'INVITE sip:a@b SIP/2.0', headers: ['-From', '-To', '-Call-ID'] },
      [400, /From is missing/],
    ],
    [
      '3.3.8 several values where one must be',
      { first: 'INVITE sip:a@b SIP/2.0', headers: ['To: sip:a@b', 'T: sip:c@d'] },
      [400, /stands twice/],
    ],
    [
      '3.3.9 two Content-Lengths',
      { first: 'OPTIONS sip:a@b SIP/2.0', headers: ['Content-Length: 1', 'L: 0'], body: 'x' },
      [400, /stands twice/],
    ],
  ])('%s', (_name, torture, [status, why]) => {
    const result = parse(torture);
    expect(result).toMatchObject({ ok: false, status });
    expect(result.ok ? '' : result.why).toMatch(why);
  });
});

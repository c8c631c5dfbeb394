import { describe, expect, it } from 'vitest';
import { getHeader, getHeaders, getList } from './headers.js';
import { DEFAULT_MESSAGE_LIMITS } from './limits.js';
import { parseSipMessage } from './parse.js';
import { serializeSipMessage } from './serialize.js';
import type { SipMessage } from './sip-message.js';

const HEADERS = [
  'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKabc',
  'Max-Forwards: 70',
  'From: <sip:alice@example.com>;tag=1',
  'To: <sip:bob@example.com>',
  'Call-ID: c1@example.com',
  'CSeq: 1 OPTIONS',
];

function text(lines: readonly string[], body = ''): Buffer {
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

function options(extra: readonly string[] = [], body = ''): Buffer {
  return text(['OPTIONS sip:bob@example.com SIP/2.0', ...HEADERS, ...extra], body);
}

function parsed(bytes: Buffer): SipMessage {
  const result = parseSipMessage(bytes);
  if (!result.ok) throw new Error(result.why);
  return result.message;
}

function whyNot(bytes: Buffer): string {
  const result = parseSipMessage(bytes);
  return result.ok ? 'accepted' : result.why;
}

/** The OPTIONS with one header line replaced, or removed when there is no new one. */
function replaced(name: string, line?: string): Buffer {
  const rows = HEADERS.filter((row) => !row.startsWith(`${name}:`));
  return text([
    'OPTIONS sip:bob@example.com SIP/2.0',
    ...rows,
    ...(line === undefined ? [] : [line]),
  ]);
}

describe('parseSipMessage', () => {
  it('reads a request and writes it back byte for byte', () => {
    const bytes = options(['X-Custom: a, "b"', 'Content-Length: 4'], 'body');
    const message = parsed(bytes);
    expect(message).toMatchObject({
      kind: 'request',
      method: 'OPTIONS',
      uri: 'sip:bob@example.com',
    });
    expect(message.body.toString()).toBe('body');
    expect(serializeSipMessage(message).equals(bytes)).toBe(true);
  });

  it('reads a response, with and without a reason', () => {
    const ok = parsed(text(['SIP/2.0 200 All good', ...HEADERS]));
    expect(ok).toMatchObject({ kind: 'response', status: 200, reason: 'All good' });
    expect(parsed(text(['SIP/2.0 200 ', ...HEADERS]))).toMatchObject({ reason: '' });
    expect(parsed(text(['sip/2.0 200', ...HEADERS]))).toMatchObject({ reason: '' });
  });

  it('reads the short tortuous INVITE of RFC 4475 section 3.1.1.1', () => {
    const message = parsed(
      text([
        'INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0',
        'TO :',
        ' sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n',
        'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>',
        '  ;',
        '  tag = 98asjd8',
        'MaX-fOrWaRdS: 0068',
        'Call-ID: wsinv.ndaksdj@192.0.2.1',
        'Content-Length   : 0',
        'cseq: 0009',
        '  INVITE',
        'Via  : SIP  /   2.0',
        ' /UDP',
        '    192.0.2.2;branch=390skdjuw',
        's :',
        'NewFangledHeader:   newfangled value',
        ' continued newfangled value',
        'UnknownHeaderWithUnusualValue: ;;,,;;,;',
        'v:  SIP  / 2.0  / TCP     spindle.example.com   ;',
        '  branch  =   z9hG4bK9ikj8  ,',
        ' SIP  /    2.0   / UDP  192.168.255.111   ; branch=',
        ' z9hG4bK30239',
      ]),
    );
    expect(getHeader(message, 'NewFangledHeader')).toBe(
      'newfangled value continued newfangled value',
    );
    expect(getHeader(message, 'Subject')).toBe('');
    expect(getList(message, 'Via')).toHaveLength(3);
    expect(getHeader(message, 'To')).toContain('tag    = 1918181833n');
  });

  it('takes any token as a method (RFC 4475 section 3.1.1.2)', () => {
    const method = "!interesting-Method0123456789_*+`.%indeed'~";
    const rows = HEADERS.map((row) => (row.startsWith('CSeq') ? `CSeq: 1 ${method}` : row));
    expect(parsed(text([`${method} sip:a@b SIP/2.0`, ...rows]))).toMatchObject({ method });
  });

  it('keeps UTF-8 in header values', () => {
    const message = parsed(replaced('From', 'From: "Jürgen 電話" <sip:j@example.com>;tag=x'));
    expect(getHeader(message, 'from')).toBe('"Jürgen 電話" <sip:j@example.com>;tag=x');
  });

  it('skips leading empty lines and takes line feeds alone', () => {
    expect(parsed(Buffer.concat([Buffer.from('\r\n\r\n'), options()])).kind).toBe('request');
    const lf = options(['Content-Length: 6'], 'a\r\n\r\nb').toString().replaceAll('\r\n', '\n');
    expect(parsed(Buffer.from(`${lf}!!`)).body.toString()).toBe('a\n\nb!!');
  });

  it('cuts a body at Content-Length and takes all of it when there is none', () => {
    expect(parsed(options(['l: 2'], 'body')).body.toString()).toBe('bo');
    expect(parsed(options([], 'body')).body.toString()).toBe('body');
  });

  it('takes the whole rest as body even if it looks like headers', () => {
    expect(parsed(options([], 'a: b\r\n\r\nc: d')).body.toString()).toBe('a: b\r\n\r\nc: d');
  });
});

describe('parseSipMessage names the defect', () => {
  it.each([
    ['Via', undefined, 'The header Via is missing.'],
    ['From', undefined, 'The header From is missing.'],
    ['To', undefined, 'The header To is missing.'],
    ['Call-ID', undefined, 'The header Call-ID is missing.'],
    ['CSeq', undefined, 'The header CSeq is missing.'],
    ['Via', 'Via: SIP/2.0/UDP ;branch=z9hG4bKx', 'The topmost Via cannot be read.'],
    ['Via', 'Via: SIP/2.0/UDP host:99999;branch=z9hG4bKx', 'The topmost Via cannot be read.'],
    ['From', 'From: "Bob <sip:bob@example.com>;tag=1', 'The header From is not an address.'],
    ['To', 'To: <sip:bob@example.com', 'The header To is not an address.'],
    ['Call-ID', 'Call-ID: a b', 'The header Call-ID is empty or holds white space.'],
    ['CSeq', 'CSeq: 2147483648 OPTIONS', /CSeq is not a number below 2147483648/],
    ['CSeq', 'CSeq: -1 OPTIONS', /CSeq is not a number/],
    ['CSeq', 'CSeq: 1 INVITE', /CSeq method INVITE differs from the request method OPTIONS/],
    ['Max-Forwards', 'Max-Forwards: 256', 'The header Max-Forwards is not a number up to 255.'],
    ['Max-Forwards', 'Max-Forwards: x', 'The header Max-Forwards is not a number up to 255.'],
  ])('in %s: %s', (name, line, why) => {
    expect(whyNot(replaced(name, line))).toMatch(why);
  });

  it.each([
    [['Content-Length: 5'], 'body', 'The Content-Length 5 exceeds the 4 bytes of the body.'],
    [['Content-Length: -1'], 'body', 'The header Content-Length is not a number.'],
    [['Content-Length: 4', 'l: 2'], 'body', 'The header l stands twice.'],
    [['t: <sip:c@d>'], '', 'The header t stands twice.'],
    [['no colon here'], '', 'The header line "no colon here" has no name and colon.'],
    [['bad name: x'], '', 'The header line "bad name" has no name and colon.'],
    [['X-A: a\u0000b'], '', 'The header X-A holds a control character.'],
    [['X-A: a\rX-B: b'], '', 'The header X-A holds a control character.'],
  ])('in header lines %j', (lines, body, why) => {
    expect(whyNot(options(lines, body))).toBe(why);
  });

  it.each([
    ['', 'The message is empty.'],
    ['\r\n\r\n', 'The message is empty.'],
    ['HTTP', 'The first line is neither a request line nor a status line.'],
    ['\u0000\u0001\u0002', 'The first line is neither a request line nor a status line.'],
    ['{"json": true}', 'The first line is neither a request line nor a status line.'],
    ['SIP/2.0 99 Low\r\n\r\n', /status line is not/],
    ['SIP/2.0 700 High\r\n\r\n', /status line is not/],
    ['INVITE  sip:a@b SIP/2.0\r\n\r\n', /one space between/],
    ['INVITE sip:a@b; lr SIP/2.0\r\n\r\n', /one space between/],
    ['INVITE <sip:a@b> SIP/2.0\r\n\r\n', 'The request URI is not a URI.'],
    ['INVITE sip:a@b SIP/2.0\r\nVia: x', 'No empty line ends the headers.'],
  ])('in %j', (message, why) => {
    expect(whyNot(Buffer.from(message))).toMatch(why);
  });

  it('says which status fits: 505 for a version, 513 for size, else 400', () => {
    const status = (bytes: Buffer): number | undefined => {
      const result = parseSipMessage(bytes);
      return result.ok ? undefined : result.status;
    };
    expect(status(text(['OPTIONS sip:a@b SIP/7.0', ...HEADERS]))).toBe(505);
    expect(status(options([], 'x'.repeat(70_000)))).toBe(513);
    expect(status(replaced('To'))).toBe(400);
  });

  it('gives the readable headers along with the defect', () => {
    const result = parseSipMessage(options(['broken', 'X-After: 1']));
    expect(result.ok).toBe(false);
    expect(result.ok ? undefined : getHeader(result.partial!, 'x-after')).toBe('1');
  });

  it('keeps to its limits', () => {
    const { maxHeaders, maxHeaderLength, maxStartLineLength } = DEFAULT_MESSAGE_LIMITS;
    const rows = Array.from({ length: maxHeaders }, (_, index) => `X-${index}: y`);
    expect(whyNot(options(rows))).toBe(`There are more than ${maxHeaders} headers.`);
    expect(whyNot(options([`X-Long: ${'y'.repeat(maxHeaderLength)}`]))).toBe(
      `The header X-Long has more than ${maxHeaderLength} characters.`,
    );
    expect(whyNot(options([`X-Long: ${'y'.repeat(3_000)}`]))).toBe('accepted');
    const uri = `sip:${'u'.repeat(maxStartLineLength)}@b`;
    expect(whyNot(text([`OPTIONS ${uri} SIP/2.0`, ...HEADERS]))).toMatch(/first line has more/);
    const folded = `X-Long: a${'\r\n b'.repeat(maxHeaderLength)}`;
    expect(whyNot(options([folded]))).toMatch(/X-Long has more/);
  });
});

describe('serializeSipMessage', () => {
  it('recomputes Content-Length in its place and drops a second one', () => {
    const message = parsed(options(['l: 4', 'X-Last: 1'], 'body'));
    message.body = Buffer.from('longer body');
    message.headers.push({ name: 'Content-Length', value: '99' });
    const out = serializeSipMessage(message).toString();
    expect(out).toContain('\r\nl: 11\r\nX-Last: 1\r\n\r\nlonger body');
    expect(out).not.toContain('99');
  });

  it('adds Content-Length when there is none', () => {
    expect(serializeSipMessage(parsed(options())).toString()).toMatch(/Content-Length: 0\r\n\r\n$/);
  });

  it('refuses a line break that would smuggle in a header', () => {
    const message = parsed(options());
    message.headers.push({ name: 'X-A', value: 'a\r\nX-B: b' });
    expect(() => serializeSipMessage(message)).toThrow('header X-A of a SIP message holds a line');
    const other = parsed(options());
    if (other.kind === 'request') other.uri = 'sip:a@b SIP/2.0\r\nX: y';
    expect(() => serializeSipMessage(other)).toThrow('start line');
  });

  it('keeps rows of one name apart', () => {
    const message = parsed(options(['Route: <sip:a>', 'Route: <sip:b>']));
    expect(getHeaders(message, 'route')).toEqual(['<sip:a>', '<sip:b>']);
  });
});

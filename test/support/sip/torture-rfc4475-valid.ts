import { expect } from 'vitest';
import { parseCSeq } from '../../../gateway/sip-server/message/cseq.js';
import { getHeader, getHeaders, getList } from '../../../gateway/sip-server/message/headers.js';
import { parseNameAddr } from '../../../gateway/sip-server/message/name-addr.js';
import { getParam } from '../../../gateway/sip-server/message/params.js';
import type { SipMessage } from '../../../gateway/sip-server/message/sip-message.js';
import { parseSipUri, uriParam } from '../../../gateway/sip-server/message/uri.js';
import { parseVia, topVia, viaBranch } from '../../../gateway/sip-server/message/via.js';
import { asRequest, type TortureCase } from './torture-case.js';

const APP = { by: 'application', answer: 200 } as const;
const BUSY = { by: 'application', answer: 486 } as const;
const NOBODY = { by: 'nobody' } as const;
/** No application asked for a method of that name. */
const UNKNOWN_METHOD = { by: 'server', answer: 501 } as const;

const address = (message: SipMessage, name: string): ReturnType<typeof parseNameAddr> =>
  parseNameAddr(getHeader(message, name) ?? '');

function checkWsinv(message: SipMessage): void {
  const [to, from, contact] = ['To', 'From', 'Contact'].map((name) => address(message, name));
  expect(to).toMatchObject({ params: [{ name: 'tag', value: '1918181833n' }] });
  expect(from).toMatchObject({ displayName: 'J Rosenberg \\"', uri: 'sip:jdrosen@example.com' });
  expect(contact?.displayName).toBe('Quoted string ""');
  expect(contact?.params).toEqual([
    { name: 'newparam', value: 'newvalue' },
    { name: 'secondparam' },
    { name: 'q', value: '0.33' },
  ]);
  expect(parseCSeq(getHeader(message, 'CSeq') ?? '')).toEqual({ number: 9, method: 'INVITE' });
  expect(getHeader(message, 'Subject')).toBe('');
  expect(getHeader(message, 'UnknownHeaderWithUnusualValue')).toBe(';;,,;;,;');
  expect(getHeader(message, 'NewFangledHeader')).toBe(
    'newfangled value continued newfangled value',
  );
  const vias = getList(message, 'Via').map(parseVia);
  expect(vias.map((via) => [via?.transport, via?.host, viaBranch(via!)])).toEqual([
    ['UDP', '192.0.2.2', '390skdjuw'],
    ['TCP', 'spindle.example.com', 'z9hG4bK9ikj8'],
    ['UDP', '192.168.255.111', 'z9hG4bK30239'],
  ]);
  expect(message.body).toHaveLength(150);
}

function checkIntmeth(message: SipMessage): void {
  const { method, uri } = asRequest(message);
  expect(method).toBe("!interesting-Method0123456789_*+`.%indeed'~");
  expect(parseSipUri(uri)).toMatchObject({
    host: 'example.com',
    password: expect.any(String) as string,
  });
  expect(address(message, 'To')?.displayName).toBe('BEL:\u0007 NUL:\u0000 DEL:\u007f');
  const from = address(message, 'From');
  expect(from?.displayName).toBe("token1~` token2'+_ token3*%!.-");
  expect(getParam(from?.params ?? [], "fromParam''~+*_!.-%")).toBe('"работающий"');
  expect(getParam(from?.params ?? [], 'tag')).toBe("_token~1'+`*%!-.");
  expect(getHeader(message, 'Call-ID')).toBe('intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{');
  // It begins with a byte order mark, which is no white space.
  expect(getHeader(message, "extensionHeader-!.%*+_`'~")).toBe('\ufeff大停電');
}

function checkEsc01(message: SipMessage): void {
  expect(parseSipUri(asRequest(message).uri)).toMatchObject({
    user: 'sips:user@example.com',
    host: 'example.net',
  });
  expect(parseSipUri(address(message, 'To')?.uri ?? '')?.user).toBe('user');
  expect(parseSipUri(address(message, 'From')?.uri ?? '')?.user).toBe('I have spaces');
  const contact = parseSipUri(address(message, 'Contact')?.uri ?? '')!;
  // Unescaped once, never twice.
  expect([contact.user, uriParam(contact, 'lr'), uriParam(contact, 'name')]).toEqual([
    'caller',
    '',
    'value%41',
  ]);
}

function checkEscnull(message: SipMessage): void {
  expect(parseSipUri(address(message, 'To')?.uri ?? '')?.user).toBe('null-\u0000-null');
  const users = getList(message, 'Contact').map(
    (value) => parseSipUri(parseNameAddr(value)?.uri ?? '')?.user,
  );
  expect(users).toEqual(['\u0000', '\u0000\u0000']);
}

function checkEsc02(message: SipMessage): void {
  expect(asRequest(message).method).toBe('RE%47IST%45R');
  expect(address(message, 'To')?.displayName).toBe('%Z%45');
  expect(getList(message, 'Contact')).toHaveLength(2);
}

function checkLongreq(message: SipMessage): void {
  expect(getList(message, 'Via')).toHaveLength(34);
  expect(getHeaders(message, 'Via')[33]).toContain('host.example.com');
  expect(viaBranch(topVia(message)!)).toBe('');
  expect(address(message, 'From')?.params.at(-1)?.name).toMatch(/^unknownValueless/);
  expect(message.body).toHaveLength(150);
}

function checkMultipart(message: SipMessage): void {
  expect(message.body).toHaveLength(553);
  expect(message.body.includes(0)).toBe(true);
  expect(message.body.toString('latin1')).toMatch(/--7a9cbec02ceef655--\r\n$/);
}

/** Section 3.1.1. */
export const RFC4475_VALID: readonly TortureCase[] = [
  // Its To has a tag: a well-formed INVITE of a dialog that this server does not have.
  { name: 'wsinv', section: '3.1.1.1', outcome: { by: 'server', answer: 481 }, check: checkWsinv },
  { name: 'intmeth', section: '3.1.1.2', outcome: UNKNOWN_METHOD, check: checkIntmeth },
  { name: 'esc01', section: '3.1.1.3', outcome: BUSY, check: checkEsc01 },
  { name: 'escnull', section: '3.1.1.4', outcome: APP, check: checkEscnull },
  { name: 'esc02', section: '3.1.1.5', outcome: UNKNOWN_METHOD, check: checkEsc02 },
  {
    name: 'lwsdisp',
    section: '3.1.1.6',
    outcome: APP,
    check: (message) => {
      expect(address(message, 'From')).toMatchObject({ displayName: 'caller' });
    },
  },
  { name: 'longreq', section: '3.1.1.7', outcome: BUSY, check: checkLongreq },
  {
    name: 'dblreq',
    section: '3.1.1.8',
    outcome: APP,
    check: (message) => {
      expect(asRequest(message).method).toBe('REGISTER');
      expect(message.body).toHaveLength(0);
    },
  },
  {
    name: 'semiuri',
    section: '3.1.1.9',
    outcome: APP,
    check: (message) => {
      expect(parseSipUri(asRequest(message).uri)?.user).toBe('user;par=u@example.net');
    },
  },
  {
    name: 'transports',
    section: '3.1.1.10',
    outcome: APP,
    check: (message) => {
      expect(getList(message, 'Via').map((value) => parseVia(value)?.transport)).toEqual(
        'UDP SCTP TLS UNKNOWN TCP'.split(' '),
      );
    },
  },
  { name: 'mpart01', section: '3.1.1.11', outcome: APP, check: checkMultipart },
  {
    name: 'unreason',
    section: '3.1.1.12',
    outcome: NOBODY,
    check: (message) => {
      expect(message).toMatchObject({
        status: 200,
        reason: '= 2**3 * 5**2 но сто девяносто девять - простое',
      });
    },
  },
  {
    name: 'noreason',
    section: '3.1.1.13',
    outcome: NOBODY,
    check: (message) => {
      expect(message).toMatchObject({ status: 100, reason: '' });
    },
  },
];

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getHeader, getList } from '../../../gateway/sip-server/message/headers.js';
import { parseSipMessage } from '../../../gateway/sip-server/message/parse.js';
import { parseNameAddr } from '../../../gateway/sip-server/message/name-addr.js';
import type { SipMessage } from '../../../gateway/sip-server/message/sip-message.js';
import { ManualClock } from '../../support/manual-clock.js';
import type { PeerMessage } from '../../support/sip-peer-message.js';
import { SECRET, SipServerHarness } from '../../support/sip-server-harness.js';
import { openUdpLine, openWebSocketLine, probe, type RawLine } from '../../support/sip/raw-line.js';
import { ScriptedApplication } from '../../support/sip/scripted-application.js';
import { readVector, type TortureCase } from '../../support/sip/torture-case.js';
import { RFC4475 } from '../../support/sip/torture-rfc4475.js';
import { RFC5118 } from '../../support/sip/torture-rfc5118.js';

const CASES = [
  ...RFC4475.map((torture) => ({ folder: 'rfc4475', ...torture })),
  ...RFC5118.map((torture) => ({ folder: 'rfc5118', ...torture })),
];
const METHODS = ['invite', 'register', 'options', 'message'];

let harness: SipServerHarness;
let clock: ManualClock;
let application: ScriptedApplication;
let lines: Record<'UDP' | 'WebSocket', RawLine>;

beforeAll(async () => {
  clock = new ManualClock();
  harness = await SipServerHarness.start(clock);
  application = await ScriptedApplication.connect(harness.server.applicationAddress, {
    secret: SECRET,
    methods: METHODS,
  });
  lines = {
    UDP: await openUdpLine(harness.server),
    WebSocket: await openWebSocketLine(harness.server),
  };
});
afterAll(async () => {
  application.disconnect();
  for (const line of Object.values(lines)) await line.close();
  await harness.close();
});

/** Readable even when the message is malformed, as far as it goes. */
function readable(bytes: Buffer): SipMessage | undefined {
  const result = parseSipMessage(bytes);
  return result.ok ? result.message : result.partial;
}

function expectedStatuses(
  outcome: TortureCase['outcome'],
  request: SipMessage | undefined,
): number[] {
  if (outcome.by === 'nobody' || outcome.answer === 'silence') return [];
  const invite = request?.kind === 'request' && request.method === 'INVITE';
  return invite && outcome.by !== 'parser' ? [100, outcome.answer] : [outcome.answer];
}

/** RFC 3261 section 8.2.6.2: the headers that an answer copies, however odd they are. */
function expectCopied(answer: PeerMessage, request: SipMessage): void {
  const copied = (name: string): string | undefined => getHeader(request, name);
  const back = readable(Buffer.from(answer.text));
  if (back === undefined) throw new Error(`No answer at all: ${answer.text}`);
  for (const name of ['From', 'Call-ID', 'CSeq'])
    expect([name, getHeader(back, name)]).toEqual([name, copied(name)]);
  const to = copied('To');
  // It may have been written anew to take the tag; an unreadable one stays as it is.
  if (to !== undefined)
    expect(parseNameAddr(getHeader(back, 'To') ?? '')?.uri).toBe(parseNameAddr(to)?.uri);
  const [top = '', ...others] = getList(request, 'Via');
  const [topBack = '', ...othersBack] = getList(back, 'Via');
  expect(othersBack).toEqual(others);
  expect(topBack.replace(/\s/g, '')).toContain((top.split(';')[0] ?? '').replace(/\s/g, ''));
}

/** The application must see the request as it came; only the topmost Via says more. */
function expectForwarded(request: SipMessage): void {
  expect(application.requests).toHaveLength(1);
  const result = parseSipMessage(Buffer.from(application.requests[0] ?? ''));
  if (!result.ok) throw new Error(result.why);
  const withoutTopVia = ({ headers }: SipMessage): unknown[] =>
    headers.filter((row) => row !== headers.find(({ name }) => /^(?:v|via)$/i.test(name)));
  const plain = (message: SipMessage): unknown[] =>
    withoutTopVia(message).filter(
      (row) => !/^(?:l|content-length)$/i.test((row as { name: string }).name),
    );
  expect(plain(result.message)).toEqual(plain(request));
  expect(result.message).toMatchObject({
    ...request,
    headers: expect.any(Array) as unknown,
    body: expect.any(Buffer) as unknown,
  });
}

function acknowledge(line: RawLine, request: SipMessage, answer: PeerMessage): void {
  if (request.kind !== 'request') return;
  const rows = [
    `ACK ${request.uri} SIP/2.0`,
    `Via: ${getList(request, 'Via')[0] ?? ''}`,
    `From: ${getHeader(request, 'From') ?? ''}`,
    `To: ${answer.get('To') ?? answer.require('t')}`,
    `Call-ID: ${getHeader(request, 'Call-ID') ?? ''}`,
    `CSeq: ${(getHeader(request, 'CSeq') ?? '').split(/\s/)[0] ?? ''} ACK`,
  ];
  line.send(Buffer.from(`${rows.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`));
}

describe.each(['UDP', 'WebSocket'] as const)('over %s', (transport) => {
  it.each(CASES)('$folder $section $name', async ({ folder, name, outcome }) => {
    const line = lines[transport];
    const bytes = readVector(`${folder}/${name}`);
    const request = readable(bytes);
    application.requests.length = 0;
    if (outcome.by === 'application')
      application.answer = { status: outcome.answer, headers: outcome.headers ?? [] };

    line.send(bytes);
    expect((await probe(line)).status).toBe(200);
    const answers = line.take();
    expect(answers.map(({ status }) => status)).toEqual(expectedStatuses(outcome, request));
    for (const answer of answers) expectCopied(answer, request!);
    if (outcome.by === 'application') {
      expectForwarded(request!);
      for (const row of outcome.headers ?? []) expect(answers.at(-1)?.text).toContain(`${row}\r\n`);
    } else expect(application.requests).toEqual([]);

    if (answers.length === 2) acknowledge(line, request!, answers[1]!);
    await probe(line);
    await clock.advanceAsync(64_000);
    // The ACK has been taken for what it is: nothing is sent again, nothing is left.
    expect(line.take()).toEqual([]);
    expect(harness.server.counts()).toMatchObject({
      transactions: 0,
      waiting: 0,
      dialogs: 0,
      timers: 0,
    });
  });
});

describe('an application of drachtio-srf', () => {
  it('survives them all, and goes on answering', async () => {
    const time = new ManualClock();
    const own = await SipServerHarness.start(time);
    const srf = await own.srf();
    const seen: string[] = [];
    for (const method of ['invite', 'register', 'options', 'message'] as const)
      srf[method]((req, res) => {
        seen.push(`${req.method} ${req.uri} ${req.get('Call-ID')} ${req.get('From')}`);
        res.send(method === 'invite' ? 486 : 200);
      });
    const line = await openUdpLine(own.server);
    await srf.request('nowhere:', { method: 'OPTIONS' }).catch(() => undefined);
    for (const { folder, name } of CASES) {
      line.send(readVector(`${folder}/${name}`));
      expect((await probe(line)).status).toBe(200);
      // Some share a branch, and would be copies of each other.
      await time.advanceAsync(64_000);
    }
    const shown = CASES.filter(({ outcome }) => outcome.by === 'application');
    expect(seen.filter((text) => !text.includes('sip:probe@'))).toHaveLength(shown.length);
    await line.close();
    await own.close();
  });
});

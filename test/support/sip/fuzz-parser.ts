import { performance } from 'node:perf_hooks';
import { isDeepStrictEqual } from 'node:util';
import { getList } from '../../../gateway/sip-server/message/headers.js';
import {
  DEFAULT_MESSAGE_LIMITS,
  type MessageLimits,
} from '../../../gateway/sip-server/message/limits.js';
import { parseNameAddr } from '../../../gateway/sip-server/message/name-addr.js';
import { parseSipMessage } from '../../../gateway/sip-server/message/parse.js';
import { createResponse } from '../../../gateway/sip-server/message/response.js';
import { serializeSipMessage } from '../../../gateway/sip-server/message/serialize.js';
import type { SipMessage } from '../../../gateway/sip-server/message/sip-message.js';
import { parseUri } from '../../../gateway/sip-server/message/uri.js';
import { malformedReply } from '../../../gateway/sip-server/transport/malformed-reply.js';
import { noteSource } from '../../../gateway/sip-server/transport/received-via.js';
import type { FuzzMessages } from './fuzz-messages.js';

/** A datagram of 64 kB takes a few milliseconds; more than this is the square of something. */
const SLOW_MS = 150;
/** What an answer may add to what it echoes: reason phrase, tag, received, rport, Content-Length. */
const ADDED_BYTES = 400;
/** Sent on, each header may gain the space behind its colon; Content-Length may be added. */
const GROWN: MessageLimits = {
  ...DEFAULT_MESSAGE_LIMITS,
  maxMessageBytes: DEFAULT_MESSAGE_LIMITS.maxMessageBytes + DEFAULT_MESSAGE_LIMITS.maxHeaders + 30,
};
const REMOTE = { host: '192.0.2.9', port: 5060 };

/** Everything that is done with a message before a transaction is asked. Returns what is wrong. */
function parserDefect(bytes: Buffer): string | undefined {
  try {
    const result = parseSipMessage(bytes);
    if (result.ok) return acceptedDefect(result.message, bytes.length);
    if (!/^[A-Z].*\.$/s.test(result.why)) return `no sentence: ${result.why}`;
    if (result.partial?.kind === 'request') noteSource(result.partial, REMOTE);
    const reply = malformedReply(result.partial, result);
    return reply === undefined ? undefined : answerDefect(serializeSipMessage(reply), bytes.length);
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

function acceptedDefect(message: SipMessage, received: number): string | undefined {
  const again = parseSipMessage(serializeSipMessage(message), GROWN);
  if (!again.ok) return `what was accepted cannot be sent on: ${again.why}`;
  const { headers, ...rest } = again.message;
  const { headers: sent, ...sentRest } = message;
  if (!isDeepStrictEqual(rest, sentRest) || headers.length < sent.length)
    return 'it changes when it is sent on';
  for (const name of ['From', 'To', 'Contact', 'Route', 'Record-Route'])
    for (const value of getList(message, name)) parseUri(parseNameAddr(value)?.uri ?? '');
  if (message.kind === 'response') return undefined;
  noteSource(message, REMOTE);
  const answer = createResponse(message, { status: 400, toTag: 't' });
  return answerDefect(serializeSipMessage(answer), received);
}

/** An answer must have a first line, rows of name and colon, and an end, and not outgrow its request. */
function answerDefect(bytes: Buffer, received: number): string | undefined {
  const text = bytes.toString();
  const [first = '', ...rows] = text.split('\r\n\r\n', 1)[0]?.split('\r\n') ?? [];
  if (!/^SIP\/2\.0 [1-6]\d\d /.test(first) || !text.includes('\r\n\r\n'))
    return `no answer: ${text}`;
  if (bytes.length > received + ADDED_BYTES)
    return `${received} bytes are answered with ${bytes.length}`;
  const bad = rows.find((row) => !/^[^\s:]+: ?/.test(row));
  return bad === undefined ? undefined : `no header in an answer: ${bad}`;
}

export interface ParserFindings {
  /** Sentences that begin with seed and index. */
  defects: string[];
  slowestMs: number;
}

/** Runs messages `from` to `to`-1 through the parser. */
export function fuzzParser(messages: FuzzMessages, from: number, to: number): ParserFindings {
  const findings: ParserFindings = { defects: [], slowestMs: 0 };
  for (let index = from; index < to; index++) {
    const bytes = messages.at(index);
    const { defect, ms } = measured(bytes);
    findings.slowestMs = Math.max(findings.slowestMs, ms);
    const what = defect ?? (ms > SLOW_MS ? `it took ${Math.round(ms)} ms` : undefined);
    if (what !== undefined)
      findings.defects.push(`seed ${messages.seed}, message ${index}: ${what}`);
  }
  return findings;
}

function measured(bytes: Buffer): { defect: string | undefined; ms: number } {
  let ms = Number.POSITIVE_INFINITY;
  let defect: string | undefined;
  // The machine may have been busy elsewhere: only what is slow each time is slow.
  for (let attempt = 0; attempt < 3 && ms > SLOW_MS; attempt++) {
    const begun = performance.now();
    defect = parserDefect(bytes);
    ms = Math.min(ms, performance.now() - begun);
  }
  return { defect, ms };
}

import { validateSipMessage } from './validate.js';
import { DEFAULT_MESSAGE_LIMITS, type MessageLimits } from './limits.js';
import { isToken } from './params.js';
import type { SipHeader, SipMessage } from './sip-message.js';
import { parseStartLine } from './start-line.js';

export type ParseResult =
  | { ok: true; message: SipMessage }
  /** `why` is one sentence naming the defect; `partial` is there when the first line could be read. */
  | {
      ok: false;
      why: string;
      /** What a request with this defect is answered: 400, 505 (version) or 513 (size). */
      status: number;
      partial?: SipMessage;
    };

/**
 * Parses one whole message: a datagram or a WebSocket frame. Never throws. Lenient where the field is
 * (line feeds alone, leading empty lines, folding, white space before colons), strict where a guess
 * would be dangerous (control characters, doubled Content-Length). A body longer than Content-Length is
 * cut, a shorter one is a defect (RFC 3261 section 18.3). The body shares memory with `bytes`.
 */
export function parseSipMessage(
  bytes: Buffer,
  limits: Readonly<MessageLimits> = DEFAULT_MESSAGE_LIMITS,
): ParseResult {
  const start = skipEmptyLines(bytes);
  if (start === bytes.length) return failure('The message is empty.');
  const tooLarge = bytes.length > limits.maxMessageBytes;
  const { head, bodyStart } = splitHead(
    bytes.subarray(start, Math.min(bytes.length, start + limits.maxMessageBytes)),
  );
  const { firstLine, rest } = splitFirstLine(head);
  if (firstLine.length > limits.maxStartLineLength)
    return failure(`The first line has more than ${limits.maxStartLineLength} characters.`);
  const first = parseStartLine(firstLine);
  const message = first.message;
  if (message === undefined) return failure(first.why);
  const rows = parseHeaders(rest, limits);
  message.headers = rows.headers;
  if (bodyStart !== -1) message.body = bytes.subarray(start + bodyStart);
  if (tooLarge)
    return {
      ...failure(`The message has more than ${limits.maxMessageBytes} bytes.`, message),
      status: 513,
    };
  if (first.versionRefused === true) return { ...failure(first.why, message), status: 505 };
  const why = first.why ?? rows.why ?? bodyDefect(message, bodyStart);
  return why === undefined ? { ok: true, message } : failure(why, message);
}

function failure(
  why: string | undefined,
  partial?: SipMessage,
): Extract<ParseResult, { ok: false }> {
  const sentence = why ?? 'This is not SIP.';
  return partial === undefined
    ? { ok: false, why: sentence, status: 400 }
    : { ok: false, why: sentence, status: 400, partial };
}

function splitFirstLine(head: string): { firstLine: string; rest: string } {
  const end = head.indexOf('\n');
  if (end === -1) return { firstLine: stripReturn(head), rest: '' };
  return { firstLine: stripReturn(head.slice(0, end)), rest: head.slice(end + 1) };
}

function bodyDefect(message: SipMessage, bodyStart: number): string | undefined {
  return bodyStart === -1 ? 'No empty line ends the headers.' : validateSipMessage(message);
}

/** RFC 3261 section 7.5: empty lines before the start line are ignored. */
function skipEmptyLines(bytes: Buffer): number {
  let start = 0;
  while (start < bytes.length && (bytes[start] === 0x0d || bytes[start] === 0x0a)) start++;
  return start;
}

function splitHead(bytes: Buffer): { head: string; bodyStart: number } {
  const crlf = bytes.indexOf('\n\r\n');
  const upTo = crlf === -1 ? bytes : bytes.subarray(0, crlf + 1);
  const lf = upTo.indexOf('\n\n');
  if (lf !== -1) return { head: decode(bytes.subarray(0, lf)), bodyStart: lf + 2 };
  return crlf === -1
    ? { head: decode(bytes), bodyStart: -1 }
    : { head: decode(bytes.subarray(0, crlf)), bodyStart: crlf + 3 };
}

/**
 * Bytes that are no UTF-8 (old phones send Latin-1) become underscores: the replacement character has three bytes,
 * so that an answer could be three times as long as its request.
 */
function decode(head: Buffer): string {
  const text = head.toString('utf8');
  return text.includes('\ufffd') ? text.replaceAll('\ufffd', '_') : text;
}

function stripReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

interface HeaderRows {
  headers: SipHeader[];
  /** The first defect; the readable rows are returned all the same, for an answer to be possible. */
  why?: string;
}

function parseHeaders(text: string, limits: Readonly<MessageLimits>): HeaderRows {
  const rows: HeaderRows = { headers: [] };
  const defect = (why: string): void => {
    rows.why ??= why;
  };
  let count = 0;
  for (const line of unfoldedLines(text)) {
    count += 1;
    if (count > limits.maxHeaders) {
      defect(`There are more than ${limits.maxHeaders} headers.`);
      break;
    }
    if (line.length > limits.maxHeaderLength) {
      defect(`The header ${nameOf(line)} has more than ${limits.maxHeaderLength} characters.`);
      continue;
    }
    const header = parseHeader(line);
    if (typeof header === 'string') defect(header);
    else rows.headers.push(header);
  }
  return rows;
}

function* unfoldedLines(text: string): Generator<string> {
  if (text === '') return;
  // Pieces are joined once: a header folded ten thousand times must not cost its length squared.
  let pieces: string[] = [];
  for (const raw of text.split('\n')) {
    const line = stripReturn(raw);
    const first = line.charCodeAt(0);
    // RFC 3261 section 7.3.1: a folded line counts as one space.
    if (pieces.length > 0 && (first === 0x20 || first === 0x09)) pieces.push(trimLws(line));
    else {
      if (pieces.length > 0) yield pieces.length === 1 ? (pieces[0] ?? '') : pieces.join(' ');
      pieces = [line];
    }
  }
  const last = pieces.join(' ');
  if (last !== '') yield last;
}

// White space other than the tab, and bytes that could end a line in somebody else's parser.
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/;
/** Spaces and tabs only: trim() would also take a byte order mark, which is text (RFC 4475 section 3.1.1.2). */
function trimLws(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isLws(text.charCodeAt(start))) start++;
  while (end > start && isLws(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

function isLws(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** In a quoted string a backslash makes any ASCII but a line break harmless (RFC 3261 section 25.1, quoted-pair). */
function holdsControl(value: string): boolean {
  if (!CONTROL.test(value)) return false;
  let quoted = false;
  for (let index = 0; index < value.length; index++) {
    const char = value.charAt(index);
    if (quoted && char === '\\' && !/[\r\n]/.test(value.charAt(index + 1))) index++;
    else if (char === '"') quoted = !quoted;
    else if (CONTROL.test(char)) return true;
  }
  return false;
}

function parseHeader(line: string): SipHeader | string {
  const colon = line.indexOf(':');
  const name = colon === -1 ? '' : trimLws(line.slice(0, colon));
  if (!isToken(name)) return `The header line "${nameOf(line)}" has no name and colon.`;
  const value = trimLws(line.slice(colon + 1));
  if (holdsControl(value)) return `The header ${name} holds a control character.`;
  return { name, value };
}

/** The beginning of a line, fit for an error sentence. */
function nameOf(line: string): string {
  return (
    line
      .split(':', 1)[0]
      ?.slice(0, 40)
      .replace(/[^\x20-\x7e]/g, '?')
      .trim() ?? ''
  );
}

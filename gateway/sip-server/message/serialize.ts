import { canonicalName } from './headers.js';
import type { SipMessage } from './sip-message.js';

const LINE_BREAK = /[\r\n]/;

/**
 * The message as bytes. Header order and spelling stay; Content-Length is recomputed in its place, or
 * added last.
 * @throws Error when the start line or a header holds a line break, which would smuggle in a header
 */
export function serializeSipMessage(message: SipMessage): Buffer {
  let head = startLine(message);
  refuseLineBreak(head, 'start line');
  head += '\r\n';
  let lengthWritten = false;
  for (const { name, value } of message.headers) {
    if (isContentLength(name)) {
      if (!lengthWritten) head += `${name}: ${message.body.length}\r\n`;
      lengthWritten = true;
      continue;
    }
    const row = `${name}: ${value}`;
    refuseLineBreak(row, `header ${name}`);
    head += `${row}\r\n`;
  }
  if (!lengthWritten) head += `Content-Length: ${message.body.length}\r\n`;
  const headBytes = Buffer.from(`${head}\r\n`, 'utf8');
  return message.body.length === 0 ? headBytes : Buffer.concat([headBytes, message.body]);
}

function startLine(message: SipMessage): string {
  return message.kind === 'request'
    ? `${message.method} ${message.uri} SIP/2.0`
    : `SIP/2.0 ${message.status} ${message.reason}`;
}

function isContentLength(name: string): boolean {
  return (name.length === 14 || name.length === 1) && canonicalName(name) === 'content-length';
}

function refuseLineBreak(text: string, where: string): void {
  if (LINE_BREAK.test(text)) throw new Error(`The ${where} of a SIP message holds a line break.`);
}

import { parseSipMessage } from '../../../gateway/sip-server/message/parse.js';
import type { SipMessage, SipRequest } from '../../../gateway/sip-server/message/sip-message.js';

export interface RequestParts {
  callId?: string;
  cseq?: number;
  /** With a tag: a request inside a dialog. */
  to?: string;
  via?: string;
  extra?: readonly { name: string; value: string }[];
  body?: string;
}

/** A request as a transaction user hands it to the layer: without Via unless one is given. */
export function request(method: string, parts: RequestParts = {}): SipRequest {
  const via = parts.via === undefined ? [] : [{ name: 'Via', value: parts.via }];
  return {
    kind: 'request',
    method,
    uri: 'sip:bob@example.com',
    headers: [
      ...via,
      { name: 'Max-Forwards', value: '70' },
      { name: 'From', value: '"Alice" <sip:alice@example.com>;tag=a1' },
      { name: 'To', value: parts.to ?? '<sip:bob@example.com>' },
      { name: 'Call-ID', value: parts.callId ?? 'call-1@example.com' },
      { name: 'CSeq', value: `${parts.cseq ?? 1} ${method}` },
      ...(parts.extra ?? []),
    ],
    body: Buffer.from(parts.body ?? ''),
  };
}

/** @throws Error naming the defect, which fails the test */
export function parseOrThrow(bytes: Buffer): SipMessage {
  const result = parseSipMessage(bytes);
  if (!result.ok) throw new Error(result.why);
  return result.message;
}

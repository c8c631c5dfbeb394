import { getHeader } from '../message/headers.js';
import { parseNameAddr } from '../message/name-addr.js';
import { serializeSipMessage } from '../message/serialize.js';
import type { SipRequest } from '../message/sip-message.js';
import { parseSipUri } from '../message/uri.js';
import type { Flow } from '../transport/transport.js';

/** What a request handler is asked about a new request: a query, and for POST the message. */
export interface HandlerQuestion {
  url: string;
  init: { method: 'GET' | 'POST'; headers: Record<string, string>; body?: string };
}

export function handlerQuestion(
  handler: { url: string; httpMethod: 'GET' | 'POST' },
  request: SipRequest,
  flow: Flow,
): HandlerQuestion {
  const url = new URL(handler.url);
  const own = url.search.replace(/^\?/, '');
  const query = queryOf(request, flow);
  url.search = '';
  url.hash = '';
  const text = `${url.href}?${own === '' ? query : `${own}&${query}`}`;
  const headers = { accept: 'application/json' };
  if (handler.httpMethod === 'GET') return { url: text, init: { method: 'GET', headers } };
  return {
    url: text,
    init: {
      method: 'POST',
      headers: { ...headers, 'content-type': 'text/plain; charset=UTF-8' },
      body: serializeSipMessage(request).toString('utf8'),
    },
  };
}

function queryOf(request: SipRequest, flow: Flow): string {
  const uri = parseSipUri(request.uri);
  const pairs: [string, string][] = [
    ['method', request.method],
    ['domain', uri?.host ?? ''],
    ['protocol', flow.protocol],
    ['source_address', flow.remote.host],
    ['fromUser', userOf(getHeader(request, 'From'))],
    ['toUser', userOf(getHeader(request, 'To'))],
    ['uriUser', uri?.user ?? ''],
    ['contentType', getHeader(request, 'Content-Type') ?? ''],
    ['uri', request.uri],
  ];
  for (const { name, value } of uri?.params ?? []) pairs.push([name, value ?? '']);
  return pairs.map(([name, value]) => `${escape(name)}=${escape(value)}`).join('&');
}

function userOf(value: string | undefined): string {
  const address = value === undefined ? undefined : parseNameAddr(value);
  return (address === undefined ? undefined : parseSipUri(address.uri)?.user) ?? '';
}

/** In lower-case hex digits, as handlers know it; through a Buffer because of lone surrogates. */
function escape(text: string): string {
  return encodeURIComponent(Buffer.from(text, 'utf8').toString('utf8')).replace(
    /%[0-9A-F]{2}/g,
    (code) => code.toLowerCase(),
  );
}

import { newToken } from '../../kernel/ids.js';
import { parseCSeq } from '../message/cseq.js';
import { addHeaderFirst, canonicalName, getHeader, getHeaders } from '../message/headers.js';
import { bracketHost } from '../message/host-port.js';
import type { SipHeader, SipRequest, SipResponse } from '../message/sip-message.js';
import { BRANCH_COOKIE, formatVia } from '../message/via.js';
import type { Flow, TransportProtocol } from '../transport/transport.js';

/** The Via parameter that asks the peer for a way back, by protocol. */
const ASKED: Readonly<Partial<Record<TransportProtocol, string>>> = {
  udp: 'rport',
  tcp: 'rport',
  tls: 'alias',
};

export function newBranch(): string {
  return `${BRANCH_COOKIE}${newToken(10)}`;
}

/**
 * A copy of the request with our Via on top. `rport` is asked for on UDP and TCP only, and over TLS, whose peers can
 * check who we are, that requests to us come back over the connection (RFC 5923 section 4).
 */
export function withVia(request: SipRequest, flow: Flow, branch: string): SipRequest {
  const params = [{ name: 'branch', value: branch }];
  const asked = ASKED[flow.protocol];
  const value = formatVia({
    transport: flow.protocol.toUpperCase(),
    host: bracketHost(flow.advertised.host),
    port: flow.advertised.port,
    params: asked === undefined ? params : [{ name: asked }, ...params],
  });
  const copy: SipRequest = { ...request, headers: [...request.headers] };
  addHeaderFirst(copy, 'Via', value);
  return copy;
}

/** The ACK of a response of 300 or more (RFC 3261 section 17.1.1.3). */
export function ackOf(invite: SipRequest, response: SipResponse): SipRequest {
  return hopRequest(invite, 'ACK', getHeader(response, 'to') ?? getHeader(invite, 'to') ?? '');
}

/** What the layer itself decides; an application's own copy of it is dropped. */
const CANCEL_OWN: ReadonlySet<string> = new Set([
  'via',
  'route',
  'max-forwards',
  'from',
  'to',
  'call-id',
  'cseq',
  'contact',
  'content-length',
  'require',
  'proxy-require',
]);

/** RFC 3261 section 9.1; `extra` headers such as Reason (RFC 3326) go last. */
export function cancelOf(invite: SipRequest, extra: readonly SipHeader[]): SipRequest {
  const cancel = hopRequest(invite, 'CANCEL', getHeader(invite, 'to') ?? '');
  for (const header of extra)
    if (!CANCEL_OWN.has(canonicalName(header.name))) cancel.headers.push(header);
  return cancel;
}

/** ACK and CANCEL go to the next hop of the INVITE only: its top Via, its Route set, no body. */
function hopRequest(invite: SipRequest, method: 'ACK' | 'CANCEL', to: string): SipRequest {
  const number = parseCSeq(getHeader(invite, 'cseq') ?? '')?.number ?? 0;
  const headers: SipHeader[] = [
    { name: 'Via', value: getHeader(invite, 'via') ?? '' },
    ...getHeaders(invite, 'route').map((value) => ({ name: 'Route', value })),
    { name: 'Max-Forwards', value: '70' },
    { name: 'From', value: getHeader(invite, 'from') ?? '' },
    { name: 'To', value: to },
    { name: 'Call-ID', value: getHeader(invite, 'call-id') ?? '' },
    { name: 'CSeq', value: `${number} ${method}` },
    { name: 'Content-Length', value: '0' },
  ];
  return { kind: 'request', method, uri: invite.uri, headers, body: Buffer.alloc(0) };
}

import { unbracketHost } from '../message/host-port.js';
import { hasParam, setParam } from '../message/params.js';
import type { SipRequest } from '../message/sip-message.js';
import { replaceTopVia, topVia } from '../message/via.js';
import type { NetworkAddress } from './transport.js';

/**
 * Notes on the top Via where the request really came from. `rport` is always set, asked for or not:
 * the answer goes back over the flow, so it is the truth, and it is what a drachtio-server does.
 * `received` is set when sent-by is another address (RFC 3261 section 18.2.1) or when the peer asked
 * for rport (RFC 3581 section 4). Does nothing when the Via cannot be read.
 */
export function noteSource(request: SipRequest, remote: NetworkAddress): void {
  const via = topVia(request);
  if (via === undefined) return;
  const asked = hasParam(via.params, 'rport');
  const same = unbracketHost(via.host).toLowerCase() === remote.host.toLowerCase();
  // RFC 5118 section 4.5: an IPv6 address in `received` stands without brackets.
  if (asked || !same) setParam(via.params, 'received', remote.host);
  setParam(via.params, 'rport', String(remote.port));
  replaceTopVia(request, via);
}

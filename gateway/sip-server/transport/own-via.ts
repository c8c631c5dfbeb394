import type { Log } from '../../kernel/log.js';
import { getHeader } from '../message/headers.js';
import { formatHostPort, unbracketHost } from '../message/host-port.js';
import type { SipResponse } from '../message/sip-message.js';
import { topVia } from '../message/via.js';
import type { Flow, Listener } from './transport.js';

/** Sources that the log names; a forger of many addresses must not fill it. */
const MAX_NAMED = 100;

/** Tells responses to our requests from those that only look so: by the address that their top Via names. */
export class OwnVia {
  readonly #listeners: readonly Pick<Listener, 'advertised'>[];
  readonly #log: Log;
  readonly #named = new Set<string>();
  #dropped = 0;

  /** @param listeners may still be filled */
  constructor(listeners: readonly Pick<Listener, 'advertised'>[], log: Log) {
    this.#listeners = listeners;
    this.#log = log;
  }

  /** Responses that were not admitted. */
  get dropped(): number {
    return this.#dropped;
  }

  /** False for a response whose sent-by we did not write: it must be discarded (RFC 3261 section 18.1.2). */
  admits(response: SipResponse, flow: Flow): boolean {
    const row = getHeader(response, 'via') ?? '';
    if (names(row, flow) || this.#isOurs(response)) return true;
    this.#dropped += 1;
    this.#name(row, flow);
    return false;
  }

  /** As some peers write it: without the usual port, or in other letters. */
  #isOurs(response: SipResponse): boolean {
    const via = topVia(response);
    if (via === undefined) return false;
    const host = unbracketHost(via.host).toLowerCase();
    const port = via.port ?? (/^TLS$/i.test(via.transport) ? 5061 : 5060);
    return this.#listeners.some(
      ({ advertised }) => advertised.host.toLowerCase() === host && advertised.port === port,
    );
  }

  #name(row: string, { remote, advertised }: Flow): void {
    if (this.#named.size >= MAX_NAMED || this.#named.has(remote.host)) return;
    this.#named.add(remote.host);
    this.#log.warn(
      { remote, via: row.slice(0, 200), ours: formatHostPort(advertised) },
      'dropped a response, and drops all further ones: its Via names an address that is not ours; a router that rewrites SIP does that',
    );
  }
}

/** The usual case, without parsing: `SIP/2.0/UDP host:port;...`, as it was sent. */
function names(row: string, { advertised }: Flow): boolean {
  const begin = row.indexOf(' ') + 1;
  const { host, port } = advertised;
  if (begin === 0 || !row.startsWith(host, begin)) return false;
  const text = `${host}:${port}`;
  const after = row.charCodeAt(begin + text.length);
  return row.startsWith(text, begin) && (after === 0x3b || after === 0x20 || after === 0x2c);
}

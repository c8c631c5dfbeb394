import type { SipUri } from '../message/uri.js';
import type { TransportProtocol } from '../transport/transport.js';

/** One address to try. */
export interface HopTarget {
  protocol: TransportProtocol;
  /** An IP address. */
  host: string;
  port: number;
  /** What a TLS peer must prove to be: the host of the URI, not that of the SRV record (RFC 5922 section 4). */
  serverName: string;
}

export interface HopQuestion {
  uri: SipUri;
  /** The protocols that we can send by. */
  protocols: ReadonlySet<TransportProtocol>;
  /** The address families that a protocol can send to. */
  families(protocol: TransportProtocol): readonly (4 | 6)[];
}

/** Where a request goes (RFC 3263 section 4). */
export interface NextHop {
  /**
   * The addresses to try, best first; empty when the name has none. Never rejects.
   * An answer may differ from the last one: equal SRV records share the load by their weights.
   */
  targets(question: HopQuestion): Promise<HopTarget[]>;
  /** Ends the questions under way. */
  close(): void;
}

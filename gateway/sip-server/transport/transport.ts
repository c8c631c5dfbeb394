import type { SipMessage } from '../message/sip-message.js';

export type TransportProtocol = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';

export interface NetworkAddress {
  host: string;
  port: number;
}

/**
 * One way to and from a peer: a UDP socket with a remote address, or one connection. Responses and
 * in-dialog requests go back over the flow that the request came on (RFC 3581, RFC 5626, RFC 7118).
 */
export interface Flow {
  /** Unique for the life of the process. */
  readonly id: string;
  readonly protocol: TransportProtocol;
  readonly local: NetworkAddress;
  /** The address written into Via and Contact of what goes out here (Listener.advertised). */
  readonly advertised: NetworkAddress;
  readonly remote: NetworkAddress;
  /** True for TCP, TLS, WS, WSS: no retransmission by the transaction layer (RFC 3261 section 17). */
  readonly reliable: boolean;
  /** Aborted when the connection closed; never for UDP. */
  readonly closed: AbortSignal;
  /**
   * Hands bytes to the network. Rejects when the connection is closed or the network refuses
   * (ICMP port unreachable may arrive on a later send).
   */
  send(bytes: Buffer): Promise<void>;
}

/** Where a flow should lead. */
export interface RemoteTarget extends NetworkAddress {
  /** The name that the certificate of a TLS peer must bear, and SNI; the host itself when absent. */
  serverName?: string;
  /** How long a new connection may take; the transport's own limit when absent. */
  connectTimeoutMs?: number;
}

export interface TransportHandlers {
  /** A well-formed message. For requests the top Via already has received/rport (RFC 3581). */
  onMessage(message: SipMessage, flow: Flow): void;
  /**
   * The flow to answer a malformed request of so many bytes over; undefined when it is to have no answer. Without this
   * each gets one.
   */
  admitMalformed?: (flow: Flow, bytes: number) => Flow | undefined;
  /** May a STUN request (RFC 5626 section 8) of so many bytes be answered with so many? Without this each is. */
  admitStun?: (remote: NetworkAddress, received: number, answer: number) => boolean;
  /** Bytes that are no SIP message, with the sentence that says why. */
  onMalformed(flow: Flow, why: string, partial: SipMessage | undefined): void;
}

export interface Listener {
  readonly protocol: TransportProtocol;
  /** The bound address; the port is real even if 0 was asked for. */
  readonly local: NetworkAddress;
  /** The address written into Via and Contact. */
  readonly advertised: NetworkAddress;
  /** Open connections; absent for UDP. */
  readonly size?: number;
  /**
   * A flow to a peer that never wrote to us (UDP), a new or reused connection (TCP, TLS), or the open connection
   * of that peer (WS, WSS). Rejects with a sentence when there is none.
   */
  flowTo(remote: RemoteTarget): Promise<Flow>;
  close(): Promise<void>;
}

import type { Clock } from '../../kernel/clock.js';
import type { CopperlineError } from '../../kernel/errors.js';
import type { SrtpKey } from '../srtp/srtp-suite.js';
import type { DtlsCertificate } from './self-signed-certificate.js';

export interface DtlsOptions {
  role: 'client' | 'server';
  certificate: DtlsCertificate;
  /** Value of the peer's a=fingerprint: `sha-256 AB:CD:...`; SHA-256, -384, -512. */
  remoteFingerprint: string;
  /** Retransmission timers. */
  clock: Clock;
  handlers: DtlsHandlers;
}

export interface DtlsHandlers {
  /** One datagram (one or more records) for the peer. */
  send(datagram: Buffer): void;
  /** Both sides have proved who they are: what is sent and what is received is protected with these. */
  onConnected(keys: { local: SrtpKey; remote: SrtpKey }): void;
  /** CL_MEDIA_TRANSPORT_FAILED with a sentence that names the deciding fact. */
  onFailed(error: CopperlineError): void;
  /** The peer's close_notify. */
  onClosed(): void;
}

/** DTLS 1.2 (RFC 6347) for the keys of SRTP (RFC 5764), without a socket of its own. */
export interface DtlsEndpoint {
  /** Client: sends the first flight. Server: waits. */
  start(): void;
  /** One datagram of the peer. Never throws. */
  receive(datagram: Buffer): void;
  /** Sends close_notify when connected; ends all timers. */
  close(): void;
}

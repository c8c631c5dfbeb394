import Srf from 'drachtio-srf';

/**
 * The part of drachtio-srf that Copperline uses, as version 5.0.29 behaves (its published types leave
 * much of it out). The only file with `any`-like freedom; nothing outside signaling/ may import it.
 */

type Headers = Record<string, string>;

interface WireMessage {
  body: string | undefined;
  /** `network` or `application` (made by the SIP server itself). */
  source: string;
  source_address: string;
  source_port: number;
  protocol: string;
  stackDialogId: string | undefined;
  get(name: string): string | undefined;
  has(name: string): boolean;
}

/** The copy of a message as the SIP server put it on the wire. */
export type WireMessageSent = WireMessage;

export interface WireRequest extends WireMessage {
  method: string;
  uri: string;
  /** The SIP server's name for the transaction. */
  stackTxnId: string;
  on(event: 'cancel', listener: (message: WireMessage | undefined) => void): void;
  /** Of a request of ours: each response. */
  on(
    event: 'response',
    listener: (
      response: WireResponse,
      acknowledge: (options: { headers?: Headers; body: string }) => void,
    ) => void,
  ): void;
  cancel(
    options: { headers: Headers },
    callback: (error: unknown, request?: WireRequest) => void,
  ): void;
}

/** One that we send, or one that came for a request of ours. */
export interface WireResponse extends WireMessage {
  status: number;
  reason: string;
  req: WireRequest;
  finalResponseSent: boolean;
  send(
    status: number,
    options: { headers?: Headers; body?: string | undefined },
    callback?: (error: unknown, sent?: WireMessage) => void,
  ): void;
}

type WireAck = (options: { headers?: Headers; body: string }) => void;

export interface WireDialog {
  id: string;
  /** `uac`: the INVITE was ours. */
  type: 'uac' | 'uas';
  sip: { callId: string; localTag: string; remoteTag: string };
  local: { sdp: string | undefined; contact: string | undefined };
  remote: { sdp: string | undefined };
  connected: boolean;
  /** Called by drachtio-srf for every request inside the dialog. */
  handle: (request: WireRequest, response: WireResponse) => void;
  request(
    // With noAck, the 200 to an INVITE without a body is left for the callback's `ack`.
    options: { method: string; headers?: Headers; body?: string; noAck?: boolean },
    callback: (error: unknown, response?: WireResponse, ack?: WireAck) => void,
  ): void;
  removeAllListeners(): void;
}

/** What createUAC rejects with when the INVITE got a final failure. */
export interface WireSipError extends Error {
  status?: number;
  res?: WireResponse;
}

export interface WireUacOptions {
  /** Without it the 200 brings the offer. */
  localSdp?: string;
  /** Hand over a WireUnacknowledged instead of a dialog, when there is no localSdp. */
  noAck?: boolean;
  headers: Headers;
  proxy?: string;
}

/** A 200 with the peer's offer; its ACK is ours to send, with the answer. */
export interface WireUnacknowledged {
  sdp: string;
  res: WireResponse;
  ack(answer: string): Promise<WireDialog>;
  /** ACK and BYE. */
  destroy(): Promise<void>;
}

interface WireConnectOptions {
  host: string;
  port: number;
  secret: string;
  tags: readonly string[];
  reconnect: { maxAttempts: number };
  tls?: object;
}

type Handler = (
  request: WireRequest,
  response: WireResponse,
  next: (error?: unknown) => void,
) => void;

export interface WireSrf {
  connect(options: WireConnectOptions): void;
  /** Throws when the socket is not connected. */
  disconnect(): void;
  use(method: string, handler: Handler): void;
  on(
    event: 'connect',
    listener: (error: Error | null, hostPort?: string, version?: string) => void,
  ): void;
  on(event: 'error' | 'close' | 'reconnecting', listener: (detail: unknown) => void): void;
  createUAS(
    request: WireRequest,
    response: WireResponse,
    options: { localSdp: string; headers: Headers },
    // Called twice when a CANCEL crosses the 200.
    callback: (error: unknown, dialog?: WireDialog) => void,
  ): void;
  createUAC(
    uri: string,
    options: WireUacOptions,
    progress: {
      cbRequest(error: unknown, request?: WireRequest): void;
      cbProvisional(response: WireResponse): void;
    },
    callback: (
      error: unknown,
      answered?: (WireDialog & { res: WireResponse }) | WireUnacknowledged,
    ) => void,
  ): void;
  removeDialog(dialog: WireDialog): void;
  /** Throws when the socket is not connected. */
  request(
    options: {
      method: string;
      uri: string;
      stackDialogId?: string;
      stackTxnId?: string;
      /** Next hop, when it is not the URI. */
      proxy?: string;
      headers: Headers;
    },
    callback: (error: unknown, request?: WireRequest) => void,
  ): void;
}

export function createSrf(): WireSrf {
  return new Srf() as unknown as WireSrf;
}

/** Undefined when the request carries none. */
export function sdpOf({ body }: WireRequest): string | undefined {
  return body === undefined || body === '' ? undefined : body;
}

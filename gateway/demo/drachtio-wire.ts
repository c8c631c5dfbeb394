import type { EventEmitter } from 'node:events';
import Srf from 'drachtio-srf';

/**
 * The part of drachtio-srf that the demo carrier uses, typed as it behaves: the package's own
 * declarations miss the callback results and describe in-dialog requests as whole messages.
 */
export interface WireRequest extends EventEmitter {
  readonly method: string;
  readonly uri: string;
  readonly body: string | undefined;
  readonly source: 'network' | 'application';
  get(name: string): string | undefined;
}

export interface WireResponse {
  readonly finalResponseSent: boolean;
  send(status: number, options?: WireSendOptions): void;
}

interface WireSendOptions {
  body?: string;
  headers?: Record<string, string>;
}

export interface WireDialog extends EventEmitter {
  request(
    options: WireSendOptions & { method: string },
    callback: (error: unknown, response?: { status: number }) => void,
  ): void;
  destroy(
    options: { headers: Record<string, string> },
    callback: (error: unknown, request?: unknown) => void,
  ): void;
}

type Handler = (request: WireRequest, response: WireResponse) => void;

export interface WireSrf extends EventEmitter {
  connect(options: {
    host: string;
    port: number;
    secret: string;
    reconnect?: { maxAttempts: number };
  }): void;
  disconnect(): void;
  invite(handler: Handler): void;
  options(handler: Handler): void;
  createUAS(
    request: WireRequest,
    response: WireResponse,
    answer: { localSdp: string },
    callback: (error: unknown, dialog?: WireDialog) => void,
  ): void;
}

export function newSrf(): WireSrf {
  return new Srf() as unknown as WireSrf;
}

import { expect } from 'vitest';
import { systemClock } from '../../gateway/kernel/clock.js';
import type { RequestHandler } from '../../gateway/sip-server/app-protocol/request-handlers.js';
import type { SipListenerOptions } from '../../gateway/sip-server/server-options.js';
import type { CertificateFiles } from '../../gateway/sip-server/transport/tls-keys.js';
import { DIFFERENCES, type DifferenceName } from './conformance-differences.js';
import { AppConnectionClient } from './app-connection-client.js';
import { openUdpPeer, type SipPeer } from './sip-peer.js';
import type { TestAuthority } from './sip/certificates.js';
import { SECRET, SipServerHarness } from './sip-server-harness.js';
import { openStreamPeer, type StreamSipPeer } from './sip-stream-peer.js';
import { connectSrf, type SrfClient } from './srf-wire.js';
import { WebSocketPeer } from './websocket-peer.js';
import { WireApplication } from './wire-application.js';

const { DRACHTIO_HOST, DRACHTIO_PORT, DRACHTIO_SECRET, DRACHTIO_SIP_PORT } = process.env;
const { DRACHTIO_WS, DRACHTIO_HANDLER_PORT, DRACHTIO_TLS_PORT } = process.env;

/** The server under test: embedded, or the drachtio-server that DRACHTIO_HOST names (which must reach 127.0.0.1). */
const real = DRACHTIO_HOST !== undefined && DRACHTIO_HOST !== '';

/**
 * Where the request handler of PUBLISH must listen: a drachtio-server has its address in its own configuration
 * (`<request-handler sip-method="PUBLISH" http-method="POST">http://127.0.0.1:PORT</request-handler>`).
 */
export const HANDLER_PORT = real ? Number(DRACHTIO_HANDLER_PORT ?? Number.NaN) : 0;

/** A drachtio-server needs a certificate for TLS; one that has none is not asked. */
export const STREAMS: readonly ('tcp' | 'tls')[] =
  real && DRACHTIO_TLS_PORT === undefined ? ['tcp'] : ['tcp', 'tls'];

/** What is to be expected where the two servers differ on purpose. */
export function outcome(name: DifferenceName): string {
  return real ? DIFFERENCES[name].drachtio : DIFFERENCES[name].embedded;
}

/** A server, applications and phones, the same whichever server it is. */
export class ConformanceWorld {
  readonly application: { host: string; port: number; secret: string };
  readonly #contacts: readonly string[];
  readonly #harness: SipServerHarness | undefined;
  readonly #peers: SipPeer[] = [];
  readonly #clients: SrfClient[] = [];
  readonly #raw: AppConnectionClient[] = [];

  private constructor(harness: SipServerHarness | undefined) {
    this.#harness = harness;
    const host = DRACHTIO_HOST ?? '';
    this.application =
      harness === undefined
        ? { host, port: Number(DRACHTIO_PORT ?? 9022), secret: DRACHTIO_SECRET ?? 'cymru' }
        : { ...harness.server.applicationAddress, secret: SECRET };
    const sip = `${host}:${DRACHTIO_SIP_PORT ?? 5060}`;
    const tls = `tls/${host}:${DRACHTIO_TLS_PORT ?? 5061}`;
    this.#contacts = harness?.server.contacts ?? [`udp/${sip}`, `tcp/${sip}`, tls];
  }

  /**
   * @param handlerPort where PUBLISH is decided on, by HTTP
   * @param authority of the certificates; without it there is no TLS
   */
  static async start(handlerPort?: number, authority?: TestAuthority): Promise<ConformanceWorld> {
    if (real) return new ConformanceWorld(undefined);
    const url = `http://127.0.0.1:${handlerPort ?? 0}`;
    const handler: RequestHandler = { method: 'PUBLISH', url, httpMethod: 'POST' };
    const place = { host: '127.0.0.1', port: 0 };
    const listeners: SipListenerOptions[] = [
      { protocol: 'udp', ...place },
      { protocol: 'tcp', ...place },
      { protocol: 'ws', ...place },
    ];
    if (authority !== undefined) {
      const certificates = [authority.issue('IP:127.0.0.1')] as const;
      const tls = { certificates, caFile: authority.caFile };
      listeners.push({ protocol: 'tls', ...place, tls });
    }
    const harness = await SipServerHarness.start(systemClock, {
      listeners,
      requestHandlers: handlerPort === undefined ? [] : [handler],
    });
    return new ConformanceWorld(harness);
  }

  async srf(): Promise<SrfClient> {
    const { srf } = await connectSrf(this.application);
    this.#clients.push(srf);
    return srf;
  }

  /** The application protocol by hand, authenticated unless told otherwise. */
  async raw(secret: string | undefined = this.application.secret): Promise<AppConnectionClient> {
    const client = await AppConnectionClient.open(this.application);
    this.#raw.push(client);
    if (secret === '') return client;
    client.send(`auth|authenticate|${secret}|`);
    await client.next('|response|auth|');
    return client;
  }

  /** The same, by its commands and their answers. */
  async app(tags = ''): Promise<WireApplication> {
    const app = new WireApplication(await this.raw(''));
    expect((await app.command(`authenticate|${this.application.secret}|${tags}`))[0]).toBe('OK');
    return app;
  }

  async peer(): Promise<SipPeer> {
    const peer = await openUdpPeer({ contacts: this.#contacts });
    this.#peers.push(peer);
    return peer;
  }

  /** A phone or carrier on TCP or, with a certificate, TLS. */
  async streamPeer(certificate?: CertificateFiles): Promise<StreamSipPeer> {
    const options = certificate === undefined ? {} : { certificate };
    const peer = await openStreamPeer({ contacts: this.#contacts }, options);
    this.#peers.push(peer);
    return peer;
  }

  /** A browser, on a WebSocket of the server's own listener. */
  async browser(): Promise<WebSocketPeer> {
    const contact = this.#contacts.find((one) => one.startsWith('ws/'))?.slice('ws/'.length);
    const peer = await WebSocketPeer.open(DRACHTIO_WS ?? `ws://${contact ?? ''}`);
    this.#peers.push(peer);
    return peer;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    for (const client of this.#raw) {
      client.destroy();
      await client.closed;
    }
    for (const peer of this.#peers) await (real ? peer.linger() : peer.close());
    await this.#harness?.close();
  }
}

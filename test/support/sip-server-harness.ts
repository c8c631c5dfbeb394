import { expect } from 'vitest';
import type { Clock } from '../../gateway/kernel/clock.js';
import { systemClock } from '../../gateway/kernel/clock.js';
import { silentLog } from '../../gateway/kernel/log.js';
import { Secret } from '../../gateway/kernel/secret.js';
import { startSipServer } from '../../gateway/sip-server/server.js';
import type { SipServer, SipServerOptions } from '../../gateway/sip-server/server-options.js';
import { ManualClock } from './manual-clock.js';
import { openUdpPeer, openWebSocketPeer, type SipPeer } from './sip-peer.js';
import { connectSrf, type SrfClient } from './srf-wire.js';

export const SECRET = 'loopback-secret';

/**
 * Resolves when the server has taken in all that this client sent before, its `route` frames among them: frames
 * are handled in order, and this one is refused.
 */
export async function routed(srf: SrfClient): Promise<void> {
  await srf.request('nowhere:', { method: 'OPTIONS' }).catch(() => undefined);
}

/** The embedded SIP server on loopback, with drachtio-srf applications and scripted peers around it. */
export class SipServerHarness {
  readonly server: SipServer;
  readonly clock: Clock;
  readonly #peers: SipPeer[] = [];
  readonly #clients = new Set<SrfClient>();

  private constructor(server: SipServer, clock: Clock) {
    this.server = server;
    this.clock = clock;
  }

  /** @param settings instead of, or besides, those of a server on loopback that guards against nobody */
  static async start(
    clock: Clock = systemClock,
    settings: Partial<SipServerOptions> = {},
  ): Promise<SipServerHarness> {
    const server = await startSipServer({
      listeners: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }],
      websocket: { host: 'gateway.test', port: 8443 },
      application: { host: '127.0.0.1', port: 0, secret: new Secret(SECRET) },
      log: silentLog,
      clock,
      ...settings,
    });
    return new SipServerHarness(server, clock);
  }

  async srf(): Promise<SrfClient> {
    const { srf } = await connectSrf({ ...this.server.applicationAddress, secret: SECRET });
    this.#clients.add(srf);
    return srf;
  }

  /** The application goes away. */
  drop(srf: SrfClient): void {
    this.#clients.delete(srf);
    srf.disconnect();
  }

  async udpPeer(): Promise<SipPeer> {
    const peer = await openUdpPeer(this.server);
    this.#peers.push(peer);
    return peer;
  }

  async webSocketPeer(port?: number): Promise<SipPeer> {
    const peer = await openWebSocketPeer(this.server, port);
    this.#peers.push(peer);
    return peer;
  }

  /** Closes everything and checks that nothing is left: no call, no connection, no timer. */
  async close(): Promise<void> {
    for (const client of this.#clients) this.drop(client);
    await this.server.close();
    for (const peer of this.#peers) await peer.close();
    expect(this.server.counts()).toEqual({
      transactions: 0,
      waiting: 0,
      dialogs: 0,
      flows: 0,
      bindings: 0,
      applications: 0,
      timers: 0,
    });
    if (this.clock instanceof ManualClock) expect(this.clock.pending).toBe(0);
  }
}

export const SDP =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';
export const SDP_ANSWER = SDP.replace('4000', '5000');

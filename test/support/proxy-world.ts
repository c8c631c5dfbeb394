import type { ManualClock } from './manual-clock.js';
import type { SipPeer } from './sip-peer.js';
import type { PeerMessage } from './sip-peer-message.js';
import { routed, SDP, SipServerHarness } from './sip-server-harness.js';
import type { SrfClient, SrfProxyResults } from './srf-wire.js';

export interface Proxied {
  invite: PeerMessage;
  results: Promise<SrfProxyResults>;
}

/** An application that proxies, a caller, and two phones. */
export class ProxyWorld {
  readonly harness: SipServerHarness;
  readonly clock: ManualClock;
  readonly srf: SrfClient;
  readonly caller: SipPeer;
  readonly first: SipPeer;
  readonly second: SipPeer;

  private constructor(parts: {
    harness: SipServerHarness;
    clock: ManualClock;
    srf: SrfClient;
    peers: [SipPeer, SipPeer, SipPeer];
  }) {
    this.harness = parts.harness;
    this.clock = parts.clock;
    this.srf = parts.srf;
    [this.caller, this.first, this.second] = parts.peers;
  }

  static async start(clock: ManualClock): Promise<ProxyWorld> {
    const harness = await SipServerHarness.start(clock);
    const srf = await harness.srf();
    const peers: [SipPeer, SipPeer, SipPeer] = [
      await harness.udpPeer(),
      await harness.udpPeer(),
      await harness.udpPeer(),
    ];
    return new ProxyWorld({ harness, clock, srf, peers });
  }

  /** The application proxies the next INVITE of `from`. */
  async proxied(
    targets: string[],
    options: object = {},
    from: SipPeer = this.caller,
  ): Promise<Proxied> {
    const results = new Promise<SrfProxyResults>((resolve, reject) => {
      this.srf.invite((req) => {
        this.srf.proxyRequest(req, targets, options).then(resolve, reject);
      });
    });
    results.catch(() => undefined);
    await routed(this.srf);
    return { invite: from.request('INVITE', { body: SDP }), results };
  }
}

export const uriOf = (peer: SipPeer): string => `sip:bob@${peer.sentBy}`;

/** The status of each final response that the application was told of. */
export const statuses = ({ responses }: SrfProxyResults): number[] =>
  responses.flatMap(({ msgs }) => msgs.map(({ status }) => status));

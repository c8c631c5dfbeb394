import type { PeerDescription } from '../sdp/peer-description.js';
import type { LocalDescription } from '../sdp/write-sdp.js';
import { CarrierCrypto } from './carrier-crypto.js';
import { CarrierTransport } from './carrier-transport.js';
import { LegLink, type RemoteKind } from './leg-link.js';

/** RTP or SRTP: two UDP ports of our own. */
export class CarrierLink extends LegLink {
  #transport: CarrierTransport | undefined;
  readonly #crypto = new CarrierCrypto();
  #muxed = false;

  async prepare(): Promise<void> {
    if (this.#transport !== undefined) return;
    const { resources, leg } = this.options;
    const pairs = resources.carrierPorts;
    const pair = await pairs.acquire();
    const { clock } = resources;
    const { rejections } = leg;
    this.#transport = new CarrierTransport({
      ...{ pairs, pair, clock, rejections, handlers: this.handlers() },
    });
    leg.transport = this.#transport;
  }

  connect(remote: PeerDescription, kind: RemoteKind): void {
    const { policy } = this.options.leg;
    const protection = this.#crypto.take(remote, policy, kind !== 'offer');
    this.#muxed = policy.rtcpMux === true && remote.rtcpMux;
    this.#transport?.expect(remote, { protection, muxed: this.#muxed });
  }

  protected override cryptoLines(answering: boolean): string[] {
    return answering
      ? this.#crypto.answerLines()
      : this.#crypto.offerLines(this.options.leg.policy);
  }

  protected local(answering: PeerDescription | undefined): {
    address: string;
    port: number;
    webrtc: undefined;
    rtcp: LocalDescription['rtcp'];
  } {
    const { resources, leg } = this.options;
    const offered = leg.policy.rtcpMux === true ? 'either' : 'next-port';
    const answered = this.#muxed ? 'muxed' : 'next-port';
    return {
      address: resources.carrierAddress,
      port: this.#transport?.port ?? 0,
      webrtc: undefined,
      rtcp: answering === undefined ? offered : answered,
    };
  }
}

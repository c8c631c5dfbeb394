import type { WireRequest, WireResponse } from './drachtio-wire.js';
import { refuseStreams } from './refuse-streams.js';
import { toTagOf } from './sip-text.js';

type SendPrack = (options: { headers?: Record<string, string>; body: string }) => void;

/**
 * Offers that come in reliable provisional responses to our INVITE without SDP: the PRACK brings the answer, and then the 200 and its ACK bring
 * none (RFC 3262 section 5). Each fork of the INVITE may make one.
 */
export class EarlyOffers {
  readonly #answerTo: (offer: string) => Promise<string>;
  /** To tags of the forks that have made theirs. */
  readonly #made = new Set<string>();

  constructor(answerTo: (offer: string) => Promise<string>) {
    this.#answerTo = answerTo;
  }

  /** MUST be called before drachtio-srf listens itself: its PRACKs are empty. */
  watch(request: WireRequest): void {
    request.on('response', (response, sendPrack) => {
      this.#take(response, sendPrack);
    });
  }

  /** Whether the fork of this response has had its answer. */
  has(response: WireResponse): boolean {
    return this.#made.has(toTagOf(response));
  }

  #take(response: WireResponse, sendPrack: SendPrack): void {
    const { status, body: offer } = response;
    const provisional = status > 100 && status < 200 && response.has('RSeq');
    if (!provisional || offer === undefined || offer === '' || this.has(response)) return;
    this.#made.add(toTagOf(response));
    // What has no RSeq gets no PRACK of drachtio-srf's own.
    const has = response.has.bind(response);
    response.has = (name) => name !== 'RSeq' && has(name);
    const headers = { 'Content-Type': 'application/sdp' };
    this.#answerTo(offer).then(
      (body) => {
        sendPrack({ headers, body });
      },
      () => {
        sendPrack({ headers, body: refuseStreams(offer) });
      },
    );
  }
}

import type { LegName, LegPolicy } from '../media-engine.js';
import type { Direction } from '../sdp/direction.js';
import { anythingOf, codecOfAnswer, codecsToOffer } from '../sdp/negotiate.js';
import type { PeerDescription } from '../sdp/peer-description.js';
import type { Side } from './exchange.js';
import {
  agreementOfAnswerer,
  formatsToOffer,
  namesOf,
  type OfferedFormats,
} from './leg-description.js';
import type { MediaWatch } from './media-watch.js';

interface OfferAloneOptions {
  /** Puts a new side in the place of that leg. @throws CopperlineError CL_MEDIA_CLOSED, CL_MEDIA_UNAVAILABLE */
  open: (to: LegName, policy: LegPolicy) => Promise<Side>;
  watch: MediaWatch;
}

interface Asked {
  leg: LegName;
  side: Side;
  offered: OfferedFormats & { direction: Direction };
}

/** Offers of ours to a leg whose other leg has said nothing yet: see MediaSession.offerAlone. */
export class OfferAlone {
  readonly #options: OfferAloneOptions;
  /** Until its answer came. */
  #asked: Asked | undefined;

  constructor(options: OfferAloneOptions) {
    this.#options = options;
  }

  async offer(to: LegName, policies: { from: LegPolicy; to: LegPolicy }): Promise<string> {
    const codecs = codecsToOffer(anythingOf(policies.from), policies);
    const side = await this.#options.open(to, policies.to);
    const formats = formatsToOffer(codecs, undefined, policies.to.dtmf);
    const offered = { ...formats, direction: 'sendrecv' } as const;
    this.#asked = { leg: to, side, offered };
    return side.link.write({ ...offered, answering: undefined });
  }

  /**
   * What that leg is to offer the other one: the answer to offer(), and how to let it take effect; undefined when it is none.
   * @throws CopperlineError CL_MEDIA_NO_COMMON_CODEC
   */
  answered(leg: LegName, answer: PeerDescription): (() => void) | undefined {
    const asked = this.#asked;
    if (asked?.leg !== leg) return undefined;
    const { side, offered } = asked;
    const chosen = codecOfAnswer(answer, namesOf(offered));
    return () => {
      side.link.connect(answer, 'answer');
      side.remote = answer;
      side.leg.agree(agreementOfAnswerer(answer, chosen, offered));
      this.#asked = undefined;
      this.#options.watch.start();
    };
  }
}

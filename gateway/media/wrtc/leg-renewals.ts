import { CopperlineError } from '../../kernel/errors.js';
import { otherLeg, type CodecName, type LegName, type LegPolicy } from '../media-engine.js';
import { limitedByOffer, type Direction } from '../sdp/direction.js';
import { anythingOf, codecForOfferer, codecOfAnswer, codecsToOffer } from '../sdp/negotiate.js';
import { parseSdp } from '../sdp/parse-sdp.js';
import type { BrowserLeg } from './browser-leg.js';

interface LegRenewalsOptions {
  /** @throws CopperlineError CL_MEDIA_CLOSED */
  browserOf: (leg: LegName) => BrowserLeg | undefined;
  codecOf: (leg: LegName) => CodecName;
  /** A leg has another connection, or soon will: what was on its way before knew nothing of it. */
  onRenewed: () => void;
}

interface Agreed {
  policy: LegPolicy;
  /** As the leg was told it. */
  direction: Direction;
}

/** Gives a browser another connection while the other leg goes on: see MediaSession.renewalOffer. */
export class LegRenewals {
  readonly #options: LegRenewalsOptions;
  readonly #agreed: Partial<Record<LegName, Agreed>> = {};
  readonly #offers = new Map<LegName, CodecName[]>();

  constructor(options: LegRenewalsOptions) {
    this.#options = options;
  }

  /** @param direction as the leg was told it */
  agree(leg: LegName, policy: LegPolicy, direction: Direction): void {
    this.#agreed[leg] = { policy, direction };
  }

  hasAgreed(leg: LegName): boolean {
    return this.#agreed[leg] !== undefined;
  }

  async offer(to: LegName): Promise<string> {
    const { browser, own, other } = this.#sides(to);
    const spoken = anythingOf({ codecs: [this.#options.codecOf(otherLeg(to))] });
    const codecs = codecsToOffer(spoken, { from: other.policy, to: own.policy });
    const text = await browser.offerAnew({ codecs, direction: own.direction });
    this.#offers.set(to, codecs);
    return text;
  }

  async takeAnswer(from: LegName, source: string): Promise<void> {
    const { browser, own } = this.#sides(from);
    const offered = this.#offers.get(from);
    if (offered === undefined) throw noOffer(`No offer was made anew to the ${from}.`);
    const described = parseSdp(source, own.policy.kind);
    const { codec } = codecOfAnswer(described, offered);
    await browser.takeAnswerAnew({ described, source }, codec);
    this.#offers.delete(from);
    this.#options.onRenewed();
  }

  async takeOffer(from: LegName, source: string): Promise<string> {
    const { browser, own, other } = this.#sides(from);
    const described = parseSdp(source, own.policy.kind);
    const policies = { from: own.policy, to: other.policy };
    // Throws when nothing can be made of the offer's codecs.
    codecsToOffer(described, policies);
    const codec = codecForOfferer(described, this.#options.codecOf(otherLeg(from)), policies);
    const direction = limitedByOffer(own.direction, described.direction);
    const text = await browser.answer({ described, source }, { codec, direction });
    this.#options.onRenewed();
    return text;
  }

  #sides(leg: LegName): { browser: BrowserLeg; own: Agreed; other: Agreed } {
    const browser = this.#options.browserOf(leg);
    const own = this.#agreedBy(leg);
    const other = this.#agreedBy(otherLeg(leg));
    if (browser !== undefined) return { browser, own, other };
    const sentence = `The ${leg} is no WebRTC leg; it is re-offered in the call's own exchange.`;
    throw new CopperlineError('CL_MEDIA_UNSUPPORTED', { sentence });
  }

  #agreedBy(leg: LegName): Agreed {
    const agreed = this.#agreed[leg];
    if (agreed !== undefined) return agreed;
    throw noOffer(`The ${leg} has not agreed to anything yet that could be renewed.`);
  }
}

function noOffer(sentence: string): CopperlineError {
  return new CopperlineError('CL_MEDIA_SDP_NO_OFFER', { sentence });
}

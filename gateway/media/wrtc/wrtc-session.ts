import { CopperlineError } from '../../kernel/errors.js';
import {
  otherLeg,
  type CodecName,
  type DigitFate,
  type DigitToSend,
  type LegName,
  type LegPolicy,
  type MediaSessionHandlers,
  type MediaStatistics,
  type Sound,
} from '../media-engine.js';
import { limitedByOffer, reversed } from '../sdp/direction.js';
import {
  anythingOf,
  codecForOfferer,
  codecOfAnswer,
  codecsToOffer,
  favouriteCodec,
} from '../sdp/negotiate.js';
import { parseSdp } from '../sdp/parse-sdp.js';
import type { PeerDescription } from '../sdp/peer-description.js';
import type { BrowserLeg, BrowserResources, BrowserText } from './browser-leg.js';
import type { InnerSession, InnerSessions } from './inner-session.js';
import { innerPolicies, innerPolicy, LAWS, lawOf } from './inner-policy.js';
import { LegRenewals } from './leg-renewals.js';
import { plainSdp } from './plain-sdp.js';
import { SessionBrowsers } from './session-browsers.js';

export interface WrtcSessionOptions {
  callId: string;
  handlers: MediaSessionHandlers;
  resources: BrowserResources;
  inner: InnerSessions;
}

type Policies = Record<'from' | 'to', LegPolicy>;

/** An offer on its way. */
interface Exchange {
  to: LegName;
  source: string;
  described: PeerDescription;
  policies: Policies;
  /** What the inner session offers. */
  offered: string;
  /** What a browser was answered first; empty where nobody waits for an answer. */
  answered: string | undefined;
}

/** The media of one call: libwebrtc for the browsers, and between the legs a call of plain RTP. */
export class WrtcSession {
  readonly renewal: LegRenewals;
  readonly #options: WrtcSessionOptions;
  readonly #inner: InnerSession;
  readonly #browsers: SessionBrowsers;
  readonly #connected = new Set<LegName>();
  #exchange: Exchange | undefined;
  #alone: { source: string; text: string } | undefined;
  /** An offer of ours that no offer of the other leg is behind, until its answer came. */
  #asked: { leg: LegName; codecs: CodecName[]; offered: string } | undefined;
  /** The offer that a browser was called with, while no other was made: the same again is the next route. */
  #calledWith: string | undefined;
  /** The inner session tells offers apart by their text. */
  #plain = { source: '', version: 0 };
  #failed = false;
  #closing: Promise<MediaStatistics> | undefined;

  constructor(options: WrtcSessionOptions) {
    this.#options = options;
    const { callId, handlers, inner, resources } = options;
    this.#browsers = new SessionBrowsers({
      resources,
      onConnected: this.#tellConnected,
      onFailed: this.#fail,
    });
    this.#inner = inner.open({
      callId,
      handlers: {
        ...handlers,
        onFailed: this.#fail,
        onConnected: (leg) => {
          if (this.#browsers.of(leg) === undefined) this.#tellConnected(leg);
        },
        onQuality: (quality) => handlers.onQuality?.(this.#browsers.quality(quality)),
      },
      pipeOf: (leg) => this.#browsers.of(leg)?.pipe,
    });
    this.renewal = new LegRenewals({
      browserOf: (leg) => {
        this.#refuseWhenClosed();
        return this.#browsers.of(leg);
      },
      codecOf: (leg) => this.#codecOf(leg),
      onRenewed: () => {
        this.#exchange = this.#alone = this.#calledWith = undefined;
        this.#failed = false;
      },
    });
  }

  /** UDP ports that libwebrtc has. */
  get ports(): number {
    return this.#browsers.ports;
  }

  async offerTo(to: LegName, source: string, policies: Policies): Promise<string> {
    this.#refuseWhenClosed();
    const described = parseSdp(source, policies.from.kind, policies.from.srtp);
    if (policies.from.kind === 'webrtc') codecsToOffer(described, policies);
    const from = this.#browsers.open(otherLeg(to), policies.from);
    const browser = this.#browsers.open(to, policies.to);
    const asked = this.#asked?.leg === otherLeg(to) ? this.#asked : undefined;
    const offer = await this.#offerForInner(from, { described, source }, asked);
    const offered = await this.#inner.offerTo(to, offer, innerPolicies(policies));
    this.#refuseWhenClosed();
    if (asked !== undefined) this.#asked = undefined;
    const alone = this.#alone?.source === source ? this.#alone.text : undefined;
    const answered = asked === undefined ? alone : '';
    this.#exchange = { to, source, described, policies, offered, answered };
    if (browser === undefined) return offered;
    if (this.#calledWith === source) browser.startAnew();
    this.#calledWith = this.renewal.hasAgreed(to) ? undefined : source;
    const { direction } = described;
    const text = await browser.offer({ codecs: codecsToOffer(described, policies), direction });
    this.#refuseWhenClosed();
    return text;
  }

  async offerAlone(to: LegName, policies: Policies): Promise<string> {
    this.#refuseWhenClosed();
    const codecs = codecsToOffer(anythingOf(policies.from), policies);
    const browser = this.#browsers.open(to, policies.to);
    this.#browsers.open(otherLeg(to), policies.from);
    const offered = await this.#inner.alone.offer(to, innerPolicies(policies));
    this.#refuseWhenClosed();
    const isRepeated = this.#asked?.leg === to;
    this.#asked = { leg: to, codecs, offered };
    if (browser === undefined) return offered;
    if (isRepeated) browser.startAnew();
    const text = await browser.offer({ codecs, direction: 'sendrecv' });
    this.#refuseWhenClosed();
    return text;
  }

  async answerTo(to: LegName, source: string): Promise<string> {
    this.#refuseWhenClosed();
    const exchange = this.#exchange;
    if (exchange?.to !== otherLeg(to)) {
      throw new CopperlineError('CL_MEDIA_SDP_NO_OFFER', {
        sentence: `An answer came from the ${otherLeg(to)}, but no offer was made to it.`,
      });
    }
    const { policies } = exchange;
    const described = parseSdp(source, policies.to.kind, policies.to.srtp);
    const answer = await this.#answerForInner(exchange, { described, source });
    const settled = await this.#inner.answerTo(to, answer);
    this.#refuseWhenClosed();
    const direction = limitedByOffer(described.direction, exchange.described.direction);
    this.renewal.agree(to, policies.from, direction);
    this.renewal.agree(exchange.to, policies.to, reversed(direction));
    const browser = this.#browsers.of(to);
    if (browser === undefined) return settled;
    const chosen = this.#codecOf(exchange.to);
    exchange.answered ??= await this.#answerBrowser(browser, exchange, {
      settled,
      codec: codecForOfferer(exchange.described, chosen, policies),
    });
    this.#refuseWhenClosed();
    return exchange.answered;
  }

  async answerAlone(to: LegName, source: string, policy: LegPolicy): Promise<string> {
    this.#refuseWhenClosed();
    const described = parseSdp(source, policy.kind, policy.srtp);
    const browser = this.#browsers.open(to, policy);
    if (browser === undefined) return this.#inner.answerAlone(to, source, innerPolicy(policy));
    const codec = favouriteCodec(described, policy);
    const offer = this.#plainOffer(source, described);
    const settled = await this.#inner.answerAlone(to, offer, innerPolicy(policy));
    const text = await this.#answerBrowser(browser, { described, source }, { settled, codec });
    this.#refuseWhenClosed();
    this.#alone = { source, text };
    const exchange = this.#exchange;
    if (exchange?.to === otherLeg(to) && exchange.source === source) exchange.answered = text;
    return text;
  }

  sendDigits(to: LegName, digits: readonly DigitToSend[]): DigitFate[] {
    this.#refuseWhenClosed();
    return this.#inner.sendDigits(to, digits);
  }

  async play(to: LegName, sound: Sound): Promise<void> {
    this.#refuseWhenClosed();
    await this.#inner.play(to, sound);
  }

  stopPlaying(to: LegName): void {
    this.#refuseWhenClosed();
    this.#inner.stopPlaying(to);
  }

  async statistics(): Promise<MediaStatistics> {
    if (this.#closing !== undefined) return this.#closing;
    return this.#browsers.counted(this.#inner.statistics());
  }

  /** Idempotent. */
  close(): Promise<MediaStatistics> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<MediaStatistics> {
    const final = await this.#browsers.counted(this.#inner.close());
    this.#browsers.close();
    return final;
  }

  /** What a leg offers, as the inner session is to have it. */
  async #offerForInner(
    from: BrowserLeg | undefined,
    text: BrowserText,
    asked: { codecs: CodecName[]; offered: string } | undefined,
  ): Promise<string> {
    const { source, described } = text;
    if (from === undefined) return source;
    if (asked === undefined) return this.#plainOffer(source, described);
    const { codec } = codecOfAnswer(described, asked.codecs);
    await from.takeAnswer(text, codec);
    return this.#plainAnswer(from, asked.offered, described);
  }

  /** What a leg answered, as the inner session is to have it. */
  async #answerForInner({ to, offered, policies }: Exchange, text: BrowserText): Promise<string> {
    const browser = this.#browsers.of(to);
    if (browser === undefined) return text.source;
    const { codec } = codecOfAnswer(text.described, policies.to.codecs);
    await browser.takeAnswer(text, codec);
    return this.#plainAnswer(browser, offered, text.described);
  }

  #plainAnswer({ pipe }: BrowserLeg, offered: string, { direction }: PeerDescription): string {
    this.#refuseWhenClosed();
    const law = lawOf(offered);
    pipe.speak(law);
    return plainSdp(1, [law], direction);
  }

  async #answerBrowser(
    browser: BrowserLeg,
    offer: BrowserText,
    { settled, codec }: { settled: string; codec: CodecName },
  ): Promise<string> {
    if (settled !== '') browser.pipe.speak(lawOf(settled));
    const direction = settled === '' ? 'sendrecv' : parseSdp(settled, 'rtp').direction;
    return browser.answer(offer, { codec, direction });
  }

  /** The laws that the browser knows come first in what a trunk is offered, and cost no quality. */
  #plainOffer(source: string, { codecs, direction }: PeerDescription): string {
    if (source !== this.#plain.source) this.#plain = { source, version: this.#plain.version + 1 };
    const laws = LAWS.filter((law) => codecs.some(({ codec }) => codec === law));
    return plainSdp(this.#plain.version, laws.length > 0 ? laws : LAWS, direction);
  }

  /** What a leg speaks. */
  #codecOf(leg: LegName): CodecName {
    const browser = this.#browsers.of(leg);
    const codec = browser === undefined ? this.#inner.statistics()[leg].codec : browser.codec;
    return (codec as CodecName | undefined) ?? 'pcmu';
  }

  readonly #tellConnected = (leg: LegName): void => {
    if (this.#closing !== undefined || this.#connected.has(leg)) return;
    this.#connected.add(leg);
    this.#options.handlers.onConnected(leg);
  };

  readonly #fail = (error: CopperlineError): void => {
    if (this.#failed || this.#closing !== undefined) return;
    this.#failed = error.code !== 'CL_MEDIA_TIMEOUT';
    this.#options.handlers.onFailed(error);
  };

  #refuseWhenClosed(): void {
    if (this.#closing === undefined) return;
    throw new CopperlineError('CL_MEDIA_CLOSED', { sentence: 'The media session is closed.' });
  }
}

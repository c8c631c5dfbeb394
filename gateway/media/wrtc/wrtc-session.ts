import { randomBytes } from 'node:crypto';
import { CopperlineError } from '../../kernel/errors.js';
import {
  otherLeg,
  type CodecName,
  type DigitFate,
  type DigitToSend,
  type LegName,
  type LegQuality,
  type LegPolicy,
  type MediaSessionHandlers,
  type MediaStatistics,
  type Sound,
} from '../media-engine.js';
import { codecForOfferer, codecOfAnswer, codecsToOffer, favouriteCodec } from '../sdp/negotiate.js';
import { parseSdp } from '../sdp/parse-sdp.js';
import type { PeerDescription } from '../sdp/peer-description.js';
import { BrowserLeg, type BrowserResources } from './browser-leg.js';
import type { InnerSession, InnerSessions } from './inner-session.js';
import { innerPolicies, innerPolicy, LAWS, lawOf } from './inner-policy.js';
import { plainSdp } from './plain-sdp.js';

export interface WrtcSessionOptions {
  callId: string;
  handlers: MediaSessionHandlers;
  resources: BrowserResources;
  inner: InnerSessions;
}

/** An offer on its way. */
interface Exchange {
  to: LegName;
  source: string;
  described: PeerDescription;
  policies: { from: LegPolicy; to: LegPolicy };
  /** What the inner session offers. */
  offered: string;
  /** What a browser was answered first. */
  answered: string | undefined;
}

/** The media of one call: libwebrtc for the browsers, and between the legs a call of plain G.711. */
export class WrtcSession {
  readonly #options: WrtcSessionOptions;
  readonly #inner: InnerSession;
  readonly #browsers: Partial<Record<LegName, BrowserLeg>> = {};
  #exchange: Exchange | undefined;
  #alone: { source: string; text: string } | undefined;
  /** The inner session tells offers apart by their text. */
  #plain = { source: '', version: 0 };
  #failed = false;
  #closing: Promise<MediaStatistics> | undefined;

  constructor(options: WrtcSessionOptions) {
    this.#options = options;
    const { callId, handlers, inner } = options;
    this.#inner = inner.open({
      callId,
      handlers: {
        ...handlers,
        onFailed: (error) => {
          this.#fail(error);
        },
        onQuality: ({ caller, callee }) => {
          handlers.onQuality?.({
            caller: this.#qualityOf('caller', caller),
            callee: this.#qualityOf('callee', callee),
          });
        },
      },
      pipeOf: (leg) => this.#browsers[leg]?.pipe,
    });
  }

  /** UDP ports that libwebrtc has. */
  get ports(): number {
    return this.#closing === undefined ? Object.keys(this.#browsers).length : 0;
  }

  async offerTo(
    to: LegName,
    source: string,
    policies: { from: LegPolicy; to: LegPolicy },
  ): Promise<string> {
    this.#refuseWhenClosed();
    const described = parseSdp(source, policies.from.kind, policies.from.srtp);
    const inner = innerPolicies(policies, described);
    const isBrowser = policies.from.kind === 'webrtc';
    if (isBrowser) codecsToOffer(described, policies);
    this.#openBrowser(otherLeg(to), policies.from);
    this.#openBrowser(to, policies.to);
    const offer = isBrowser ? this.#plainOffer(source, described) : source;
    const offered = await this.#inner.offerTo(to, offer, inner);
    this.#refuseWhenClosed();
    const answered = this.#alone?.source === source ? this.#alone.text : undefined;
    this.#exchange = { to, source, described, policies, offered, answered };
    const browser = this.#browsers[to];
    if (browser === undefined) return offered;
    const { direction } = parseSdp(offered, 'rtp');
    const text = await browser.offer({ codecs: policies.to.codecs, direction });
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
    const answer = await this.#takeAnswer(exchange, source);
    const settled = await this.#inner.answerTo(to, answer);
    this.#refuseWhenClosed();
    const browser = this.#browsers[to];
    if (browser === undefined) return settled;
    exchange.answered ??= await this.#answerBrowser(browser, exchange, {
      settled,
      codec: codecForOfferer(exchange.described, lawOf(settled), exchange.policies),
    });
    this.#refuseWhenClosed();
    return exchange.answered;
  }

  async answerAlone(to: LegName, source: string, policy: LegPolicy): Promise<string> {
    this.#refuseWhenClosed();
    const described = parseSdp(source, policy.kind, policy.srtp);
    this.#openBrowser(to, policy);
    const browser = this.#browsers[to];
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
    return this.#withCounters(this.#inner.statistics());
  }

  /** Idempotent. */
  close(): Promise<MediaStatistics> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<MediaStatistics> {
    const final = await this.#withCounters(this.#inner.close());
    for (const browser of Object.values(this.#browsers)) browser.close();
    return final;
  }

  /** What a leg answered, as the inner session is to have it. */
  async #takeAnswer({ to, offered, policies }: Exchange, source: string): Promise<string> {
    const browser = this.#browsers[to];
    if (browser === undefined) return source;
    const described = parseSdp(source, policies.to.kind);
    const { codec } = codecOfAnswer(described, policies.to.codecs);
    await browser.takeAnswer({ described, source }, codec);
    this.#refuseWhenClosed();
    const law = lawOf(offered);
    browser.pipe.speak(law);
    return plainSdp(1, [law], described.direction);
  }

  async #answerBrowser(
    browser: BrowserLeg,
    offer: { described: PeerDescription; source: string },
    { settled, codec }: { settled: string; codec: CodecName },
  ): Promise<string> {
    browser.pipe.speak(lawOf(settled));
    const { direction } = parseSdp(settled, 'rtp');
    return browser.answer(offer, { codec, direction });
  }

  #plainOffer(source: string, { direction }: PeerDescription): string {
    if (source !== this.#plain.source) this.#plain = { source, version: this.#plain.version + 1 };
    return plainSdp(this.#plain.version, LAWS, direction);
  }

  #openBrowser(leg: LegName, { kind }: LegPolicy): void {
    if (kind !== 'webrtc' || this.#browsers[leg] !== undefined) return;
    const { resources, handlers } = this.#options;
    this.#browsers[leg] = new BrowserLeg({
      resources,
      ssrc: randomBytes(4).readUInt32BE(0),
      onConnected: () => {
        if (this.#closing === undefined) handlers.onConnected(leg);
      },
      onFailed: (error) => {
        this.#fail(error);
      },
    });
  }

  async #withCounters(inner: MediaStatistics): Promise<MediaStatistics> {
    const of = async (leg: LegName): Promise<MediaStatistics[LegName]> => {
      const browser = this.#browsers[leg];
      if (browser === undefined) return inner[leg];
      const codec: CodecName | undefined = browser.codec;
      const counted = { ...inner[leg], ...(await browser.counters()), codec, packetsRejected: 0 };
      const { quality } = inner[leg];
      return {
        ...counted,
        quality: quality === undefined ? undefined : this.#qualityOf(leg, quality),
      };
    };
    return { caller: await of('caller'), callee: await of('callee') };
  }

  /** The inner session hears of a browser what libwebrtc made of it, which never jitters and lacks nothing. */
  #qualityOf(leg: LegName, measured: LegQuality): LegQuality {
    const browser = this.#browsers[leg];
    if (browser === undefined) return measured;
    const { roundTripMs } = browser.lastCounters;
    return { received: undefined, sent: undefined, roundTripMs, problem: measured.problem };
  }

  #fail(error: CopperlineError): void {
    if (this.#failed || this.#closing !== undefined) return;
    this.#failed = error.code !== 'CL_MEDIA_TIMEOUT';
    this.#options.handlers.onFailed(error);
  }

  #refuseWhenClosed(): void {
    if (this.#closing === undefined) return;
    throw new CopperlineError('CL_MEDIA_CLOSED', { sentence: 'The media session is closed.' });
  }
}

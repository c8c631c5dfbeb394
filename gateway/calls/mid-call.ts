import type { EndReason } from '../kernel/end-reason.js';
import { CopperlineError, toCopperlineError } from '../kernel/errors.js';
import { SerialQueue } from '../kernel/serial-queue.js';
import {
  otherLeg,
  type DigitFate,
  type DigitReport,
  type LegName,
  type MediaSession,
} from '../media/media-engine.js';
import type { DialogHandlers, SipBody } from '../signaling/sip-endpoint.js';
import type { Call } from './call.js';
import type { CallContext } from './call-context.js';
import { CarrierDigits } from './carrier-digits.js';
import { DialStrings } from './dial-strings.js';
import { dtmfInfoType, formatDtmfInfo, readDtmfInfo, type InfoDigit } from './dtmf-info.js';
import { endCall } from './end-call.js';
import { dialogEnded } from './end-reasons.js';
import { HoldMusic } from './hold-music.js';
import { Renegotiation } from './renegotiation.js';
import { Transfer } from './transfer.js';

/** INFO bodies that the carrier may send to the browser as they are. */
const PASSED_TO_BROWSER = 'application/vnd.copperline.dtmf-report+json';
/** Digits with pauses that a page sends at once. */
const DIAL_STRING = 'application/vnd.copperline.dial-string';
const MAX_WAITING_INFOS = 100;
const ANSWERED = { answered: true };

/** How a call comes to another media session. */
interface CallMedia {
  open: () => Promise<MediaSession | undefined>;
  use: (media: MediaSession) => void;
}

/** What peers do while a call is up: hang up, re-offer, send INFO. One per call. */
export class MidCall {
  readonly #call: Call;
  /** INFO to browsers goes out one after another, so that digits keep their order. */
  readonly #toBrowser = new SerialQueue();
  readonly #early: { leg: LegName; body: SipBody }[] = [];
  readonly #toTrunk: Partial<Record<LegName, CarrierDigits | undefined>> = {};

  /** What the legs hear in place of each other. */
  readonly music: HoldMusic;
  readonly #renegotiation: Renegotiation;

  readonly #transfer: Transfer;
  readonly #dialStrings: DialStrings;

  constructor(call: Call, context: CallContext, media: CallMedia) {
    this.#call = call;
    this.music = new HoldMusic(call, context.holdMusic);
    this.#renegotiation = new Renegotiation(call, context, this.music);
    this.#dialStrings = new DialStrings(call, (to, digit) => this.#tell(to, digit));
    call.sendDigits = (text) => this.sendDigits(text);
    this.#transfer = new Transfer({
      ...{ call, context, openMedia: media.open, useMedia: media.use },
      handlersFor: (leg) => this.handlersFor(leg),
      onParties: () => {
        this.answered();
      },
      restoreSound: (leg) => this.music.restore(leg),
    });
    call.over.signal.addEventListener('abort', () => {
      this.#toBrowser.close();
      for (const digits of Object.values(this.#toTrunk)) digits?.close();
    });
  }

  /** Both parties are known. */
  answered(): void {
    for (const leg of ['caller', 'callee'] as const) {
      const party = this.#call.partyOn(leg);
      this.#toTrunk[leg]?.close();
      this.#toTrunk[leg] =
        party?.kind === 'trunk' ? new CarrierDigits(this.#call, leg, party.trunk) : undefined;
    }
  }

  handlersFor(leg: LegName): DialogHandlers {
    return {
      onEnd: (end) => {
        if (this.#transfer.goesOnWithout(leg)) return;
        endCall(this.#call, dialogEnded(this.#call, leg, end), { gone: leg });
      },
      onReoffer: (offer) => this.#onReoffer(leg, offer),
      onRefer: (refer) => {
        this.#transfer.begin(leg, refer);
      },
      onAnswer: (answer) => {
        this.#onAnswer(leg, answer);
      },
      onInfo: (body) => this.#onInfo(leg, body),
    };
  }

  async #onReoffer(leg: LegName, offer: string | undefined): Promise<string> {
    const renegotiation = this.#renegotiation;
    try {
      return await this.#call.queue.run(() =>
        offer === undefined ? renegotiation.offer(leg) : renegotiation.answer(leg, offer),
      );
    } catch (thrown) {
      const { end } = this.#call;
      if (end === undefined) throw thrown;
      // RFC 3261 section 15.1.2: what was pending when the call ended is still answered.
      const sentence = `The call is over. ${end.sentence}`;
      throw new CopperlineError('CL_CALL_REOFFER', { sentence, sipStatus: 487, cause: thrown });
    }
  }

  /** False unless a transfer is under way that needs its transferring party no more. */
  letGo(leg: LegName, reason: EndReason): boolean {
    return this.#transfer.letGo(leg, reason);
  }

  #onAnswer(leg: LegName, answer: string | undefined): void {
    this.#call.queue
      .run(() => this.#renegotiation.answered(leg, answer))
      .catch((thrown: unknown) => {
        if (this.#call.isOver) return;
        const { code, sentence } = toCopperlineError(thrown, 'CL_INTERNAL');
        this.#call.log.warn({ leg, code, sentence }, 'the answer of a peer cannot be used');
      });
  }

  /** A key that the media engine heard; it is shown to a browser, although its media tells it too. */
  onDigit({ from, digit, durationMs, carried }: DigitReport): void {
    const to = otherLeg(from);
    if (this.#isBrowser(to)) this.#informBrowser(to, formatDtmfInfo({ digit, durationMs }));
    else if (!carried) this.#tellTrunk(to, { digit, durationMs });
  }

  /** The media engine heard the other side's beep or dial tone. */
  onPrompt(from: LegName): void {
    this.#dialStrings.onPrompt(from);
  }

  #isBrowser(leg: LegName): boolean {
    return this.#call.partyOn(leg)?.kind === 'browser';
  }

  async #onInfo(leg: LegName, body: SipBody): Promise<number> {
    const dtmf = dtmfInfoType(body.contentType);
    if (dtmf !== undefined) {
      const digit = readDtmfInfo(dtmf, body.content);
      return digit === undefined ? 400 : this.#onInfoDigit(leg, digit);
    }
    if (this.#isBrowser(leg) && isOf(DIAL_STRING, body))
      return this.#dialStrings.send(otherLeg(leg), body.content, ANSWERED) ? 200 : 400;
    if (!this.#isBrowser(leg) && this.#isBrowser(otherLeg(leg)) && isOf(PASSED_TO_BROWSER, body)) {
      this.#informBrowser(otherLeg(leg), body);
      return 200;
    }
    // RFC 6086 section 4.2.2: a body that we do not take.
    return 415;
  }

  #tellTrunk(to: LegName, digit: InfoDigit): void {
    const digits = this.#toTrunk[to];
    if (digits !== undefined) void digits.send(digit);
    // RFC 6086 knows INFO in a confirmed dialog only; early media of such a carrier hears no digits.
    else this.#call.log.warn('a digit came before the answer and could not be told by INFO');
  }

  /** The media plays it to the other leg, unless it heard the very press itself. */
  async #onInfoDigit(leg: LegName, digit: InfoDigit): Promise<number> {
    return this.#tell(otherLeg(leg), digit);
  }

  async #tell(to: LegName, digit: InfoDigit): Promise<number> {
    const fate = await this.#play(to, digit);
    if (fate === undefined) return 480;
    if (this.#isBrowser(to)) {
      if (fate !== 'repeated') this.#informBrowser(to, formatDtmfInfo(digit));
      return 200;
    }
    return fate === 'untaken' ? (this.#toTrunk[to]?.send(digit) ?? 480) : 200;
  }

  async #play(to: LegName, digit: InfoDigit): Promise<DigitFate | undefined> {
    try {
      return (await this.#call.media?.sendDigits(to, [digit]))?.[0];
    } catch (error) {
      this.#call.log.debug({ err: error }, 'the media did not take a digit');
      return undefined;
    }
  }

  /** What came for a browser between the callee's answer and the caller's. */
  up(): void {
    const { postDial } = this.#call.invite;
    if (postDial !== undefined && !this.#dialStrings.send('callee', postDial, { answered: false }))
      this.#call.log.warn('what was to be dialled after the answer cannot be read');
    for (const { leg, body } of this.#early.splice(0)) this.#informBrowser(leg, body);
  }

  /**
   * A dial string for the phone network's side of the call, or for the called party when both are browsers. False when it cannot be
   * read, or too many wait.
   */
  sendDigits(text: string): boolean {
    const to = this.#isBrowser('callee') && !this.#isBrowser('caller') ? 'caller' : 'callee';
    return this.#dialStrings.send(to, text, ANSWERED);
  }

  #informBrowser(leg: LegName, body: SipBody): void {
    if (this.#call.is('answering')) {
      if (this.#early.length < MAX_WAITING_INFOS) this.#early.push({ leg, body });
      return;
    }
    if (this.#toBrowser.length >= MAX_WAITING_INFOS || !this.#call.is('up')) return;
    const dialog = this.#call.dialogs[leg];
    if (dialog === undefined) return;
    this.#toBrowser
      .run(() => dialog.info(body))
      .catch((error: unknown) => {
        // The content stays out of the log: it may be a digit.
        this.#call.log.debug({ err: error }, 'an INFO did not reach the browser');
      });
  }
}

function isOf(type: string, { contentType }: SipBody): boolean {
  return contentType.split(';')[0]?.trim().toLowerCase() === type;
}

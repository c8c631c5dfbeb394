import { CopperlineError } from '../../gateway/kernel/errors.js';
import type {
  DigitFate,
  DigitToSend,
  LegName,
  LegPolicy,
  LegStatistics,
  MediaEngine,
  MediaSession,
  MediaSessionHandlers,
  MediaSessionOptions,
  MediaStatistics,
  Sound,
} from '../../gateway/media/media-engine.js';

const leg = (codec: string): LegStatistics => ({
  ...{ codec, packetsReceived: 10, packetsSent: 12, packetsLost: 1, packetsRejected: 0 },
  ...{ jitterMs: 1.5, roundTripMs: undefined, digitsReceived: 0, digitsSent: 0, digitsDropped: 0 },
});

export const SCRIPTED_STATISTICS: MediaStatistics = { caller: leg('opus'), callee: leg('pcma') };

/** A media session that records what it is asked for and fails when the test says so. */
export class ScriptedSession implements MediaSession {
  readonly offers: { offer: string; policies: { from: LegPolicy; to: LegPolicy } }[] = [];
  /** Answers of the carrier that were taken. */
  readonly answers: string[] = [];
  readonly handlers: MediaSessionHandlers;
  refuseOffer: CopperlineError | undefined;
  /** Offers that are refused before the first one succeeds. */
  readonly refusals: CopperlineError[] = [];
  refuseAnswer: CopperlineError | undefined;
  refuseAlone: CopperlineError | undefined;
  /** Digits that were to be played. */
  readonly digits: (DigitToSend & { to: LegName })[] = [];
  /** What becomes of them. */
  fate: DigitFate = 'carried';
  readonly answeredAlone: string[] = [];
  /** Sounds that were begun, in order; undefined where they were stopped. */
  readonly sounds: { to: LegName; sound: Sound | undefined }[] = [];
  refuseSound: CopperlineError | undefined;
  /** close() never resolves, as with a dead worker. */
  closeHangs = false;
  open = true;

  constructor(handlers: MediaSessionHandlers) {
    this.handlers = handlers;
  }

  offerTo(
    _to: 'caller' | 'callee',
    offer: string,
    policies: { from: LegPolicy; to: LegPolicy },
  ): Promise<string> {
    const refusal = this.refuseOffer ?? this.refusals.shift();
    if (refusal !== undefined) return Promise.reject(refusal);
    this.offers.push({ offer, policies });
    // The streams of the offer come through, so that what changes in them can be seen on the other leg.
    const streams = (offer.match(/^[ma]=.*\r\n/gm) ?? []).join('');
    return Promise.resolve(
      `v=0\r\no=gateway ${this.offers.length} 1 IN IP4 192.0.2.9\r\n${streams}`,
    );
  }

  /** Offers that were made although the other leg had made none. */
  readonly offeredAlone: { to: LegName; policies: { from: LegPolicy; to: LegPolicy } }[] = [];

  offerAlone(
    to: 'caller' | 'callee',
    policies: { from: LegPolicy; to: LegPolicy },
  ): Promise<string> {
    if (this.refuseOffer !== undefined) return Promise.reject(this.refuseOffer);
    this.offeredAlone.push({ to, policies });
    return Promise.resolve(`v=0\r\no=gateway ${this.offeredAlone.length} 1 IN IP4 192.0.2.8\r\n`);
  }

  answerTo(_to: 'caller' | 'callee', answer: string): Promise<string> {
    if (this.refuseAnswer !== undefined) return Promise.reject(this.refuseAnswer);
    this.answers.push(answer);
    const name = this.answeredAlone.length > 0 ? 'alone' : 'stable';
    return Promise.resolve(`v=0\r\no=gateway 9 1 IN IP4 192.0.2.9\r\ns=${name}\r\n`);
  }

  sendDigits(to: LegName, digits: readonly DigitToSend[]): Promise<DigitFate[]> {
    this.digits.push(...digits.map((digit) => ({ ...digit, to })));
    return Promise.resolve(digits.map(() => this.fate));
  }

  /** Policy of each answer alone. */
  readonly alonePolicies: LegPolicy[] = [];

  answerAlone(_to: LegName, offer: string, policy: LegPolicy): Promise<string> {
    if (this.refuseAlone !== undefined) return Promise.reject(this.refuseAlone);
    this.answeredAlone.push(offer);
    this.alonePolicies.push(policy);
    return Promise.resolve('v=0\r\no=gateway 9 1 IN IP4 192.0.2.9\r\ns=alone\r\n');
  }

  play(to: LegName, sound: Sound): Promise<void> {
    if (this.refuseSound !== undefined) return Promise.reject(this.refuseSound);
    this.sounds.push({ to, sound });
    return Promise.resolve();
  }

  stopPlaying(to: LegName): Promise<void> {
    this.sounds.push({ to, sound: undefined });
    return Promise.resolve();
  }

  /** Legs whose prompts were listened for. */
  readonly listened: LegName[] = [];
  deaf = false;

  listenForPrompt(from: LegName): Promise<void> {
    if (this.deaf) {
      const sentence = 'The media engine cannot listen.';
      return Promise.reject(new CopperlineError('CL_MEDIA_UNSUPPORTED', { sentence }));
    }
    this.listened.push(from);
    return Promise.resolve();
  }

  /** Legs that were offered anew, and what came from them. */
  readonly renewals: { leg: LegName; sdp: string }[] = [];

  renewalOffer(to: LegName): Promise<string> {
    if (this.refuseOffer !== undefined) return Promise.reject(this.refuseOffer);
    return Promise.resolve(`v=0\r\no=gateway ${to} 2 IN IP4 192.0.2.9\r\ns=renewal\r\n`);
  }

  renewWithAnswer(from: LegName, answer: string): Promise<void> {
    if (this.refuseAnswer !== undefined) return Promise.reject(this.refuseAnswer);
    this.renewals.push({ leg: from, sdp: answer });
    return Promise.resolve();
  }

  renewWithOffer(from: LegName, offer: string): Promise<string> {
    if (this.refuseOffer !== undefined) return Promise.reject(this.refuseOffer);
    this.renewals.push({ leg: from, sdp: offer });
    return Promise.resolve('v=0\r\no=gateway 9 2 IN IP4 192.0.2.9\r\ns=renewed\r\n');
  }

  /** The counters grow each time that they are asked for: the caller speaks. */
  callerSpeaks = false;
  #heard = 0;

  statistics(): Promise<MediaStatistics> {
    if (!this.callerSpeaks) return Promise.resolve(SCRIPTED_STATISTICS);
    const { caller } = SCRIPTED_STATISTICS;
    const packetsReceived = caller.packetsReceived + ++this.#heard;
    return Promise.resolve({ ...SCRIPTED_STATISTICS, caller: { ...caller, packetsReceived } });
  }

  close(): Promise<MediaStatistics> {
    this.open = false;
    return this.closeHangs ? new Promise(() => undefined) : Promise.resolve(SCRIPTED_STATISTICS);
  }
}

/** A media engine without media, for tests of call control. */
export class ScriptedEngine implements MediaEngine {
  readonly name = 'relay';
  readonly sessions: ScriptedSession[] = [];
  refuseOpen: CopperlineError | undefined;
  /** open() waits until the test calls this. */
  holdOpen: Promise<void> | undefined;
  /** Applied to each new session. */
  prepare: (session: ScriptedSession) => void = () => undefined;

  /** The next session refuses its first offers. */
  refuseOffers(count: number, sentence: string): void {
    this.prepare = ({ refusals }) => {
      for (let offer = 0; offer < count; offer++)
        refusals.push(new CopperlineError('CL_MEDIA_NO_COMMON_CODEC', { sentence }));
    };
  }

  async open(options: MediaSessionOptions): Promise<MediaSession> {
    await this.holdOpen;
    if (this.refuseOpen !== undefined) throw this.refuseOpen;
    const session = new ScriptedSession(options.handlers);
    this.prepare(session);
    this.sessions.push(session);
    return session;
  }

  counts(): Promise<{ sessions: number; ports: number; workers: number }> {
    const sessions = this.sessions.filter(({ open }) => open).length;
    return Promise.resolve({ sessions, ports: sessions, workers: 1 });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

import type { EndReason } from '../kernel/end-reason.js';
import { toCopperlineError } from '../kernel/errors.js';
import type { MediaSession, ProgressTone } from '../media/media-engine.js';
import type { TrunkInbound } from '../trunks/trunk.js';
import type { Call, LegSdp } from './call.js';
import type { CallContext } from './call-context.js';
import { legPolicyOf, toneCountryOf } from './call-party.js';
import type { Answered } from './callout.js';

/** What the caller is answered with, and what was agreed with the callee. */
export interface Attached {
  local: string;
  callee: LegSdp;
}

/** Those who hear nothing but silence when nobody answers are told no better by a tone. */
const UNTOLD = new Set(['NO_ANSWER', 'CANCELLED']);
const BUSY = new Set(['BUSY', 'DECLINED']);

/**
 * What a carrier that calls hears of us before anybody answers, where its trunk asks for it: ringback of ours, and the tone of a call that
 * failed. Both need an answer to its offer that has no callee behind it (early media, RFC 3960). The session that gave it has the carrier
 * for good: whoever answers on another one is brought into it by a re-INVITE. Every method MUST run in the call's queue.
 */
export class EarlyTones {
  readonly #call: Call;
  readonly #context: CallContext;
  #host: MediaSession | undefined;
  #local = '';
  #refusal: EndReason | undefined;

  constructor(call: Call, context: CallContext) {
    this.#call = call;
    this.#context = context;
  }

  /** Why nobody takes the call, while the caller hears so. */
  get refusal(): EndReason | undefined {
    return this.#refusal;
  }

  /** The session that has answered the caller. */
  get host(): MediaSession | undefined {
    return this.#host;
  }

  /** Lets the caller hear ringback; the SDP for its 183, or undefined when it makes its own. Never rejects. */
  ring(media: MediaSession): Promise<string | undefined> {
    return this.#wanted?.ringback === 'local'
      ? this.#play('ringback', media)
      : Promise.resolve(undefined);
  }

  /**
   * Lets the caller hear that the call failed. Never rejects.
   * @returns for how long, ms, and the SDP for a 183; undefined when nothing is played
   */
  async refuse(
    end: EndReason,
    open: () => Promise<MediaSession | undefined>,
  ): Promise<{ forMs: number; sdp: string } | undefined> {
    const seconds = this.#wanted?.refusalToneSeconds ?? 0;
    if (seconds === 0 || UNTOLD.has(end.code)) return undefined;
    this.#refusal = end;
    const media = this.#host ?? (await open().catch(() => undefined));
    if (media === undefined) return undefined;
    const sdp = await this.#play(BUSY.has(end.code) ? 'busy' : 'congestion', media);
    return sdp === undefined ? undefined : { forMs: seconds * 1000, sdp };
  }

  /**
   * Brings who answered together with the caller.
   * @throws CopperlineError what the media engine or the callee's dialog say
   */
  async attach({ media, party, dialog, offered, answer }: Answered): Promise<Attached> {
    const host = this.#host;
    const { offer = '' } = this.#call.invite;
    if (host === undefined || host === media) {
      const local = this.#call.pledged ?? (await media.answerTo('caller', answer));
      await host?.stopPlaying('caller');
      const peerAnswered = this.#call.pledged === undefined;
      return { local, callee: { local: offered, remote: answer, peerAnswered } };
    }
    try {
      const { browserLeg } = this.#context;
      const from = legPolicyOf(this.#call.caller, browserLeg);
      const policies = { from, to: legPolicyOf(party, browserLeg) };
      const again = await host.offerTo('callee', offer, policies);
      const taken = await dialog.reoffer(again);
      const local = await host.answerTo('caller', taken);
      await host.stopPlaying('caller');
      return { local, callee: { local: again, remote: taken, peerAnswered: true } };
    } finally {
      this.#call.inBackground(media.close());
    }
  }

  get #wanted(): TrunkInbound | undefined {
    const { caller, invite } = this.#call;
    return caller.kind === 'trunk' && invite.offer !== undefined ? caller.trunk.inbound : undefined;
  }

  async #play(tone: ProgressTone, media: MediaSession): Promise<string | undefined> {
    const call = this.#call;
    const { browserLeg, toneCountry } = this.#context;
    const { caller, invite } = call;
    try {
      if (this.#host === undefined) {
        const policy = legPolicyOf(caller, browserLeg);
        this.#local = await media.answerAlone('caller', invite.offer ?? '', policy);
        this.#keep(media);
      }
      const country = toneCountryOf(caller, toneCountry);
      await this.#host?.play('caller', { kind: 'tone', tone, country });
      return this.#local;
    } catch (thrown) {
      const { code, sentence } = toCopperlineError(thrown, 'CL_INTERNAL');
      call.log.warn({ code, sentence, tone }, 'the caller hears no tone of ours');
      return this.#host === undefined ? undefined : this.#local;
    }
  }

  /** Unless it becomes the media of the call, it is closed with it. */
  #keep(media: MediaSession): void {
    const call = this.#call;
    this.#host = media;
    const onOver = (): void => {
      if (call.media !== media) call.inBackground(media.close());
    };
    call.over.signal.addEventListener('abort', onOver, { once: true });
    if (call.isOver) onOver();
  }
}

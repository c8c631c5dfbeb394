import { CopperlineError, toCopperlineError } from '../kernel/errors.js';
import {
  otherLeg,
  type LegName,
  type LegPolicy,
  type MediaSession,
} from '../media/media-engine.js';
import type { SipDialog } from '../signaling/sip-endpoint.js';
import type { Call, LegSdp } from './call.js';
import type { CallContext } from './call-context.js';
import { describeParty, legPolicyOf, type BrowserLeg } from './call-party.js';
import { endCall } from './end-call.js';
import { fromCode } from './end-reasons.js';
import { offeredPatiently } from './glare.js';
import type { HoldMusic } from './hold-music.js';
import { holds, raised, sameMedia } from './sdp-view.js';

/** RFC 3261 section 12.2.1.2: a peer that answers a re-INVITE so, or not at all, has no such dialog any more. */
const DIALOG_LOST: ReadonlySet<number> = new Set([408, 481]);

/**
 * New offers while a call is up (RFC 3264 section 8): hold and resume, another port, codec or payload type. What one leg asks for
 * is agreed with the other leg and the media engine before it is answered; a refusal leaves the call as it is
 * (RFC 3261 section 14.2). Every method MUST run in the call's queue.
 */
export class Renegotiation {
  readonly #call: Call;
  readonly #browserLeg: BrowserLeg;
  readonly #music: HoldMusic;
  /** The leg that asked for an offer, and that offer, until its ACK or another exchange. */
  #asked: { leg: LegName; offer: string } | undefined;

  readonly #random: () => number;
  /** How often a peer has offered or asked for an offer. */
  #exchanges = 0;

  constructor(call: Call, { browserLeg, random }: CallContext, music: HoldMusic) {
    this.#call = call;
    this.#random = random;
    this.#browserLeg = browserLeg;
    this.#music = music;
  }

  /**
   * An offer of a leg; resolves with the answer to it.
   * @throws CopperlineError what the media engine, or the other leg, says against it; 491 when now is not the time
   */
  async answer(leg: LegName, offer: string): Promise<string> {
    this.#asked = undefined;
    this.#exchanges += 1;
    const agreed = this.#call.sdp[leg];
    if (agreed !== undefined && sameMedia(offer, agreed.remote)) {
      agreed.remote = offer;
      return agreed.local;
    }
    const to = otherLeg(leg);
    const known = this.#call.sdp[to];
    if (known === undefined) throw this.#busy('The call is not up yet.');
    const media = this.#media();
    const policies = { from: this.#policy(leg), to: this.#policy(to) };
    const forwarded = await media.offerTo(to, offer, policies);
    const other = await this.#agreeWith(to, { known, offer, forwarded });
    const local = await media.answerTo(leg, other.remote);
    this.#call.sdp[to] = other;
    this.#call.sdp[leg] = { local, remote: offer };
    await this.#music.update();
    return local;
  }

  /**
   * A leg asked for an offer: what the other leg takes now, and so no hold of its own (RFC 3261 section 14.2 wants an offer as
   * for a new call).
   */
  async offer(leg: LegName): Promise<string> {
    this.#exchanges += 1;
    const from = otherLeg(leg);
    const known = this.#call.sdp[from];
    if (known === undefined) throw this.#busy('The call is not up yet.');
    const policies = { from: this.#policy(from), to: this.#policy(leg) };
    const offer = await this.#media().offerTo(leg, raised(known.remote), policies);
    this.#asked = { leg, offer };
    return offer;
  }

  /** The ACK with the answer to offer(); undefined: it brought none, and the media stays as it was. */
  async answered(leg: LegName, answer: string | undefined): Promise<void> {
    const asked = this.#asked;
    this.#asked = undefined;
    if (asked?.leg !== leg) return;
    const to = otherLeg(leg);
    const known = this.#call.sdp[to];
    if (answer === undefined || known === undefined) {
      this.#call.log.warn({ leg }, 'the answer to an offer that a peer had asked for is missing');
      return;
    }
    const local = await this.#media().answerTo(to, answer);
    this.#call.sdp[leg] = { local: asked.offer, remote: answer, peerAnswered: true };
    if (sameMedia(local, known.local)) await this.#music.update();
    else this.#tell(to, local);
  }

  /** The other leg has to know what the media does now, unless another exchange comes first. */
  #tell(leg: LegName, offer: string): void {
    const call = this.#call;
    const dialog = this.#dialog(leg);
    const before = this.#exchanges;
    const attempt = (): Promise<void> =>
      call.queue.run(async () => {
        if (this.#exchanges === before) await this.#reoffer(leg, offer);
      });
    const told = offeredPatiently({ call, dialog, random: this.#random }, attempt);
    call.inBackground(
      told.catch((thrown: unknown) => {
        if (call.isOver) return;
        const { code, sentence } = toCopperlineError(thrown, 'CL_INTERNAL');
        call.log.warn({ leg, code, sentence }, 'a leg could not be told of a change of the other');
      }),
    );
  }

  async #reoffer(leg: LegName, offer: string): Promise<void> {
    const remote = await this.#dialog(leg).reoffer(offer);
    this.#call.sdp[leg] = { local: offer, remote, peerAnswered: true };
    await this.#music.update();
  }

  /** What the other leg says to a changed offer; it is asked only when what it is told changes. */
  async #agreeWith(
    to: LegName,
    change: { known: LegSdp; offer: string; forwarded: string },
  ): Promise<LegSdp> {
    const { known, forwarded } = change;
    if (sameMedia(forwarded, known.local)) return { ...known, local: forwarded };
    if (known.peerAnswered === true && this.#keepsFromCarrier(to, change.offer)) return known;
    if (this.#call.is('detached')) {
      throw this.#busy('The browser of this call is gone at the moment.');
    }
    const remote = await this.#dialog(to)
      .reoffer(forwarded)
      .catch((thrown: unknown) => {
        throw this.#refused(to, thrown);
      });
    return { local: forwarded, remote, peerAnswered: true };
  }

  /** A hold that the trunk shall not hear of: it gets music or silence over the session as it stands. */
  #keepsFromCarrier(to: LegName, offer: string): boolean {
    const party = this.#call.partyOn(to);
    if (party?.kind !== 'trunk' || party.trunk.hold !== 'local') return false;
    const from = this.#call.partyOn(otherLeg(to));
    const before = this.#call.sdp[otherLeg(to)]?.remote ?? '';
    const kind = from?.kind ?? 'trunk';
    return holds(offer, kind) !== holds(before, kind);
  }

  #refused(leg: LegName, thrown: unknown): CopperlineError {
    const error = toCopperlineError(thrown, 'CL_INTERNAL');
    const party = this.#call.partyOn(leg);
    const who = party === undefined ? leg : describeParty(party);
    if (error.code === 'CL_SIP_REQUEST_REFUSED' && DIALOG_LOST.has(error.sipStatus)) {
      const sentence = `The ${who} does not know the call any more (${error.sipStatus}).`;
      endCall(this.#call, fromCode('CL_CALL_LEG_LOST', sentence));
    }
    const sentence = `The ${who} does not take the change. ${error.sentence}`;
    // RFC 3261 section 14.1: who asked first tries again after glare; a challenge or a lost dialog is none of its business.
    const sipStatus = error.sipStatus === 491 ? 491 : 488;
    return new CopperlineError('CL_CALL_REOFFER', { sentence, sipStatus, cause: error });
  }

  #media(): MediaSession {
    const { media } = this.#call;
    if (media === undefined) throw this.#busy('The call has no media yet.');
    return media;
  }

  #dialog(leg: LegName): SipDialog {
    const dialog = this.#call.dialogs[leg];
    if (dialog === undefined) throw this.#busy('The call is not up yet.');
    return dialog;
  }

  #busy(sentence: string): CopperlineError {
    return new CopperlineError('CL_CALL_REOFFER', { sentence, sipStatus: 491 });
  }

  #policy(leg: LegName): LegPolicy {
    const party = this.#call.partyOn(leg);
    if (party === undefined) throw this.#busy('The call is not up yet.');
    return legPolicyOf(party, this.#browserLeg);
  }
}

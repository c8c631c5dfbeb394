import { toCopperlineError } from '../kernel/errors.js';
import type { CodecName, LegPolicy, MediaSession } from '../media/media-engine.js';
import type { IncomingInvite } from '../signaling/sip-endpoint.js';
import type { Call } from './call.js';
import { legPolicyOf } from './call-party.js';
import type { CallContext } from './call-context.js';

/**
 * The SDP that a caller gets before the answer. It is the one that it keeps; what changes is whether something is to be heard, which
 * RFC 5009 lets callers know that name its header: they go on ringing by themselves on SDP that says `inactive`. Others take any SDP
 * before the answer for early media. Every method MUST run in the call's queue.
 */
export class EarlyAnswer {
  readonly #call: Call;
  readonly #context: CallContext;
  #isHeard = false;

  constructor(call: Call, context: CallContext) {
    this.#call = call;
    this.#context = context;
  }

  /** The caller was told that there is early media. */
  get isHeard(): boolean {
    return this.#isHeard;
  }

  /** 180, the first one with SDP where that can be: ICE and DTLS are over then when the call is answered. Never rejects. */
  async ring(media: MediaSession | undefined): Promise<void> {
    const call = this.#call;
    const first = call.sdp.caller === undefined && media !== undefined;
    const sdp = first ? await this.#answer(media) : undefined;
    if (sdp === undefined) {
      call.invite.progress(180);
      return;
    }
    call.sdp.caller = { local: sdp, remote: call.invite.offer ?? '' };
    call.invite.progress(180, { sdp, earlyMedia: 'inactive' });
  }

  /** 183, once. */
  tell(sdp: string): void {
    const call = this.#call;
    if (this.#isHeard) return;
    this.#isHeard = true;
    call.sdp.caller = { local: sdp, remote: call.invite.offer ?? '' };
    call.mark('earlyMediaMs');
    const known = knowsEarlyMedia(call.invite);
    call.invite.progress(183, { sdp, ...(known ? { earlyMedia: 'sendrecv' } : {}) });
  }

  /** Undefined when the caller has to wait for the answer, because that decides on its codec or the engine cannot. */
  async #answer(media: MediaSession): Promise<string | undefined> {
    const { invite, caller, callee, log } = this.#call;
    const { offer } = invite;
    const may = offer !== undefined && caller.kind === 'browser' && knowsEarlyMedia(invite);
    if (!may || callee?.kind !== 'trunk' || callee.trunk.delayedOffer) return undefined;
    const { browserLeg } = this.#context;
    const policy = legPolicyOf(caller, browserLeg);
    const codec = certainCodec(policy, legPolicyOf(callee, browserLeg));
    if (codec === undefined) return undefined;
    try {
      return await media.answerAlone('caller', offer, { ...policy, codecs: [codec] });
    } catch (thrown) {
      const { code, sentence } = toCopperlineError(thrown, 'CL_INTERNAL');
      log.debug({ code, sentence }, 'the caller is answered when the callee answers');
      return undefined;
    }
  }
}

function knowsEarlyMedia(invite: Pick<IncomingInvite, 'header'>): boolean {
  const values = (invite.header('P-Early-Media') ?? '').split(',');
  return values.some((value) => value.trim().toLowerCase() === 'supported');
}

/** The codec for a caller whatever the callee chooses: nothing has to be decoded that would not be anyway. */
function certainCodec(caller: LegPolicy, callee: LegPolicy): CodecName | undefined {
  const toOpus = [caller.media, callee.media].includes('opus-to-browser');
  if (toOpus) return caller.codecs.find((codec) => codec === 'opus');
  const decided = callee.codecs.length === 1 || callee.codecs.every(isG711);
  return decided ? callee.codecs.find((codec) => caller.codecs.includes(codec)) : undefined;
}

/** From one law to the other a byte is a table's entry. */
function isG711(codec: CodecName): boolean {
  return codec === 'pcmu' || codec === 'pcma';
}

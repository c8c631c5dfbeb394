import type { EndReason } from '../kernel/end-reason.js';
import { CopperlineError, toCopperlineError } from '../kernel/errors.js';
import { otherLeg, type LegName } from '../media/media-engine.js';
import type { IncomingRefer } from '../signaling/incoming-refer.js';
import type { DialogHandlers } from '../signaling/sip-endpoint.js';
import { describeParty } from './call-party.js';
import { endCall } from './end-call.js';
import { fromError, transferred } from './end-reasons.js';
import { joinOther } from './transfer-attended.js';
import { callTarget } from './transfer-blind.js';
import type { Joined, TransferSteps } from './transfer-steps.js';

/** Nobody's call is passed on more often; what does is a loop. */
const MAX_TRANSFERS = 5;

/**
 * A leg hands its place in the call to somebody else (REFER, RFC 5589), by re-bridging here: the remaining party stays in its
 * dialog with us and gets a re-INVITE. A blind transfer calls a number with the rights of the user; an attended one joins the other
 * call of the same party. Until the new party is there nothing is lost: a transfer that fails gives the call back.
 */
export class Transfer {
  readonly #steps: TransferSteps;
  /** The leg that transfers now. */
  #by: LegName | undefined;

  constructor(steps: TransferSteps) {
    this.#steps = steps;
  }

  /** The transferring party hung up before the transfer was done, which many phones do: the call goes on without it. */
  goesOnWithout(leg: LegName): boolean {
    const { call } = this.#steps;
    if (this.#by !== leg) return false;
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- there is no such dialog any more
    delete call.dialogs[leg];
    call.attach(leg);
    return true;
  }

  /** As goesOnWithout(), of a party that will not come back and did not say so. */
  letGo(leg: LegName, reason: EndReason): boolean {
    const { call } = this.#steps;
    const dialog = call.dialogs[leg];
    if (!this.goesOnWithout(leg)) return false;
    dialog?.setHandlers(LEFT);
    if (dialog !== undefined) call.inBackground(dialog.bye(reason));
    return true;
  }

  /** Never throws; the peer is told how it goes. */
  begin(leg: LegName, refer: IncomingRefer): void {
    const { call } = this.#steps;
    const refusal = this.#refusal(leg);
    if (refusal !== undefined) {
      const { code, sentence, sipStatus } = refusal;
      call.log.info({ leg, code, sentence }, 'transfer refused');
      refer.reject(sipStatus, { sentence, code });
      return;
    }
    this.#by = leg;
    refer.accept();
    call.inBackground(
      this.#run(leg, refer).finally(() => {
        this.#by = undefined;
      }),
    );
  }

  #refusal(leg: LegName): CopperlineError | undefined {
    const { call } = this.#steps;
    const party = call.partyOn(leg);
    const refuse = (sentence: string): CopperlineError =>
      new CopperlineError('CL_CALL_TRANSFER', { sentence });
    if (party === undefined || !call.is('up'))
      return refuse('Only a call that is up can be transferred.');
    if (this.#by !== undefined) return refuse('Another transfer of this call is under way.');
    if (call.transfers.length >= MAX_TRANSFERS)
      return refuse(`The call was transferred ${MAX_TRANSFERS} times already.`);
    if (party.kind === 'trunk' && party.trunk.transfer !== 'follow')
      return refuse(`The carrier "${party.trunk.name}" may not transfer calls.`);
    return undefined;
  }

  async #run(leg: LegName, refer: IncomingRefer): Promise<void> {
    const { call } = this.#steps;
    let joined: Joined | undefined;
    try {
      joined =
        refer.replaces === undefined
          ? await callTarget(this.#steps, leg, refer)
          : await joinOther(this.#steps, leg, refer.replaces);
    } catch (thrown) {
      await this.#failed(leg, { refer, error: toCopperlineError(thrown, 'CL_INTERNAL') });
      return;
    }
    if (joined !== undefined) await this.#done(leg, { refer, joined });
    else if (!call.isOver) call.log.error('a transfer ended without a result');
  }

  async #failed(
    leg: LegName,
    { refer, error }: { refer: IncomingRefer; error: CopperlineError },
  ): Promise<void> {
    const { call, restoreSound } = this.#steps;
    if (call.isOver) return;
    const { code, sentence } = error;
    call.log.info({ leg, code, sentence }, 'transfer failed');
    if (call.dialogs[leg] === undefined) {
      endCall(call, fromError(error), { gone: leg });
      return;
    }
    await restoreSound(otherLeg(leg));
    await refer.report(error.sipStatus, sentence);
  }

  /** The new party takes the leg; who transferred is told so and hung up. */
  async #done(
    leg: LegName,
    { refer, joined }: { refer: IncomingRefer; joined: Joined },
  ): Promise<void> {
    const { call, handlersFor, onParties, useMedia } = this.#steps;
    if (call.isOver) {
      joined.abandon();
      return;
    }
    const leaving = call.dialogs[leg];
    const by = call.partyOn(leg);
    const before = call.media;
    leaving?.setHandlers(LEFT);
    useMedia(joined.media);
    if (before !== undefined) call.inBackground(before.close());
    call.attach(leg);
    call.transfers.push({ to: joined.to, by: by === undefined ? leg : describeParty(by) });
    call.seat(leg, joined.party);
    call.holdChannel(leg, joined.finish());
    call.sdp[leg] = joined.sdp;
    call.sdp[otherLeg(leg)] = joined.remaining;
    onParties();
    joined.dialog.setHandlers(handlersFor(leg));
    const adopted = call.adoptDialog(leg, joined.dialog);
    call.log.info({ leg, to: describeParty(joined.party) }, 'call transferred');
    if (adopted) call.changed();
    await refer.report(200, 'OK');
    if (leaving !== undefined) call.inBackground(leaving.bye(transferred(joined.party)));
  }
}

/** The dialog of a party that has left the call. */
const LEFT: DialogHandlers = {
  onEnd: () => undefined,
  onReoffer: () => {
    const sentence = 'The call was transferred.';
    return Promise.reject(new CopperlineError('CL_SIP_DIALOG_GONE', { sentence }));
  },
  onInfo: () => Promise.resolve(481),
};

import { CopperlineError } from '../kernel/errors.js';
import { otherLeg, type LegName, type MediaSession } from '../media/media-engine.js';
import type { IncomingRefer } from '../signaling/incoming-refer.js';
import { escapeUser } from '../signaling/sip-text.js';
import type { Device } from '../signaling/user-devices.js';
import { dial } from '../trunks/dial.js';
import type { Call } from './call.js';
import { legPolicyOf, userOf, type CallParty } from './call-party.js';
import { fromOf, identityHeaders, type CallerIdentity } from './caller-identity.js';
import type { Answered, Callout } from './callout.js';
import { destinationOf } from './destination.js';
import { hopsLeft } from './hops.js';
import type { RingSteps } from './ring-steps.js';
import { ringUsers } from './ring-users.js';
import { anew } from './sdp-view.js';
import type { TransferSteps } from './transfer-steps.js';

/** Whom a blind transfer names, ready to be called. */
export interface TransferTarget {
  /** For the record: the number, or the user. */
  name: string;
  call(): Promise<Found>;
}

/** `channel` gives the channel of a trunk back. */
export type Found = Exclude<Callout, Answered> | (Answered & { channel: () => void });

/**
 * Finds out whom a REFER names as if the user whose call it is had dialled it: a user of ours, or a number of the dialplan.
 * @throws CopperlineError CL_CALL_TRANSFER why it is nobody
 */
export function targetOf(steps: TransferSteps, leg: LegName, refer: IncomingRefer): TransferTarget {
  const { call, context } = steps;
  const user = call.view().user ?? '';
  const destination = destinationOf(context, { dialled: refer.target.user, caller: { user } });
  if (destination.kind === 'refuse') {
    const { code, sipStatus, sentence } = destination;
    throw new CopperlineError('CL_CALL_TRANSFER', { sentence: `${sentence} (${code})`, sipStatus });
  }
  const ringing = new TransferRinging(steps, leg, refer);
  return destination.kind === 'user'
    ? { name: destination.user, call: () => ringing.user(destination.user) }
    : { name: destination.number, call: () => ringing.routes(user, destination) };
}

/** Calls the target of a transfer with an offer made of what the remaining party takes. */
class TransferRinging implements RingSteps {
  readonly call: Call;
  readonly context: TransferSteps['context'];
  readonly #steps: TransferSteps;
  readonly #leg: LegName;
  readonly #refer: IncomingRefer;
  #rung = false;

  constructor(steps: TransferSteps, leg: LegName, refer: IncomingRefer) {
    this.#steps = steps;
    this.call = steps.call;
    this.context = steps.context;
    this.#leg = leg;
    this.#refer = refer;
  }

  async user(user: string): Promise<Found> {
    const { domain, ringMs } = this.context;
    const identity = this.#identity();
    const headers = {
      ...identityHeaders(identity, domain),
      ...this.#referredBy(),
      'X-Copperline-Call': this.call.id,
    };
    const invite = { from: fromOf(identity, domain), headers };
    const found = await ringUsers(this, { stages: [{ users: [user], ringMs }], invite });
    return found.kind === 'answered' ? { ...found, channel: () => undefined } : found;
  }

  async routes(
    user: string,
    plan: Pick<Parameters<typeof dial>[0], 'routes' | 'emergency'>,
  ): Promise<Found> {
    const media = await this.openMedia();
    if (media === undefined) return { kind: 'cancelled' };
    const found = await this.#dial(media, user, plan).catch((error: unknown) => {
      this.call.inBackground(media.close());
      throw error;
    });
    if (found.kind !== 'answered') this.call.inBackground(media.close());
    return found;
  }

  async #dial(
    media: MediaSession,
    user: string,
    { routes, emergency }: Pick<Parameters<typeof dial>[0], 'routes' | 'emergency'>,
  ): Promise<Found> {
    const { call, context } = this;
    const { endpoint, trunks, board, findUser } = context;
    const account = findUser(user);
    let offered = '';
    const result = await dial({
      ...{ endpoint, trunks, board, routes, emergency, maxForwards: hopsLeft(call.invite) },
      ...{ signal: call.over.signal, clock: call.clock, log: call.log },
      caller: { user, displayName: account?.displayName, callerId: account?.callerId },
      offerFor: async (trunk) => (offered = await this.offerFor(media, { kind: 'trunk', trunk })),
      onAttempt: () => undefined,
      onRefused: (attempt) => {
        if (!call.isOver) call.attempts.push(attempt);
      },
      onProgress: () => {
        this.onRinging();
      },
    });
    if (result.kind !== 'answered') return result;
    const { trunk, dialog, answer, channel } = result;
    const party = { kind: 'trunk', trunk } as const;
    return { kind: 'answered', party, dialog, answer, channel, media, offered };
  }

  /** The page that transfers, or the one that remains; another device of the same user may be rung. */
  hasDevice({ flow }: Device): boolean {
    const parties = [this.call.caller, this.call.callee];
    return parties.some((party) => party?.kind === 'browser' && party.flow?.id === flow.id);
  }

  openMedia(): Promise<MediaSession | undefined> {
    return this.#steps.openMedia();
  }

  async offerFor(media: MediaSession, party: CallParty): Promise<string> {
    const { call, context } = this;
    const other = otherLeg(this.#leg);
    const remaining = call.partyOn(other);
    const sdp = call.sdp[other];
    if (remaining === undefined || sdp === undefined)
      throw new CopperlineError('CL_CALL_TRANSFER', { sentence: 'The other party is gone.' });
    const from = legPolicyOf(remaining, context.browserLeg);
    const to = legPolicyOf(party, context.browserLeg);
    return media.offerTo(this.#leg, anew(sdp.remote), { from, to });
  }

  release(media: MediaSession): void {
    this.call.inBackground(media.close());
  }

  onInviting(): void {
    // The call's own times are those of its first callee.
  }

  onRinging(): void {
    if (this.#rung) return;
    this.#rung = true;
    void this.#refer.report(180, 'Ringing');
  }

  /** Of the remaining party, whom the target is going to talk to. */
  #identity(): CallerIdentity {
    const { call, context } = this;
    const other = otherLeg(this.#leg);
    const user = userOf(call.partyOn(other));
    if (user !== undefined)
      return { user, displayName: context.findUser(user)?.displayName, verified: 'passed' };
    if (other === 'caller' && call.from !== undefined) return call.from;
    const number = call.number ?? call.invite.called.user;
    return { user: number, displayName: undefined, verified: 'none' };
  }

  /** RFC 3892 section 2.1. */
  #referredBy(): Record<string, string> {
    const user = userOf(this.call.partyOn(this.#leg));
    if (user === undefined) return {};
    return { 'Referred-By': `<sip:${escapeUser(user)}@${this.context.domain}>` };
  }
}

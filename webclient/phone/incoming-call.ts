import { SessionState, type Invitation } from 'sip.js';
import { failureOf, PhoneError } from './failure.js';
import { isHeldAtOurSide } from './media-direction.js';
import { callerOf } from './remote-party.js';
import { SipCall } from './sip-call.js';
import type { SipCallOptions } from './sip-call-options.js';

/** RFC 3261 section 21.6.2: nobody else of this user needs to be asked either. */
const DECLINED = 603;

export interface IncomingCallOptions extends Omit<SipCallOptions, 'session' | 'remote'> {
  invitation: Invitation;
}

/** A call that came in, or a running one that the server offers to this page after it was loaded again. */
export class IncomingCall extends SipCall {
  readonly direction = 'incoming';
  readonly #invitation: Invitation;

  constructor({ invitation, ...options }: IncomingCallOptions) {
    super({ ...options, session: invitation, remote: callerOf(invitation.request) });
    this.#invitation = invitation;
  }

  /** Rings. */
  start(): void {
    this.apply({ type: 'incoming' });
  }

  /** Takes up a running call; one that was on hold stays so: the server then offers to listen only. */
  goOn(): void {
    if (isHeldAtOurSide(this.#invitation.body ?? '')) this.stayHeld();
    this.answer();
  }

  override answer(): void {
    if (this.state.name !== 'incoming') return;
    this.apply({ type: 'answering' });
    this.#invitation.accept().catch((thrown: unknown) => {
      const failure = thrown instanceof PhoneError ? thrown.failure : failureOf('media-failed');
      // Without audio there is no call; the caller must not ring on.
      this.end(failure);
    });
  }

  protected override leave(): Promise<unknown> {
    if (this.#invitation.state === SessionState.Established) return this.#invitation.bye();
    return this.#invitation.reject({ statusCode: DECLINED });
  }
}

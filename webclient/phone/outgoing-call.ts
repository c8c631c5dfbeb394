import { Inviter, SessionState, type UserAgent } from 'sip.js';
import { failureFromResponse, failureOf, PhoneError } from './failure.js';
import { SipCall } from './sip-call.js';
import type { Message, SipCallOptions } from './sip-call-options.js';

export interface OutgoingCallOptions extends Omit<SipCallOptions, 'session' | 'remote'> {
  userAgent: UserAgent;
  number: string;
  /** What is dialled after the answer. */
  digits: string;
}

/** A call that this browser placed. */
export class OutgoingCall extends SipCall {
  readonly direction = 'outgoing';
  readonly #inviter: Inviter;
  readonly #dialledOn: string;

  constructor({ userAgent, number, digits, ...options }: OutgoingCallOptions) {
    const inviter = new Inviter(userAgent, options.targetOf(number), {
      earlyMedia: true,
      extraHeaders: ['P-Early-Media: supported'],
    });
    super({ ...options, session: inviter, remote: { number, verified: 'none' } });
    this.#inviter = inviter;
    this.#dialledOn = digits;
  }

  /** Sends the INVITE. */
  start(): void {
    this.apply({ type: 'dialled' });
    this.sendDigits(this.#dialledOn);
    const refused = ({ message }: { message: Message }): void => {
      this.fail(failureFromResponse(message.statusCode ?? 500, message.getHeaders('reason')));
    };
    this.#inviter
      .invite({
        requestDelegate: {
          onTrying: () => {
            this.apply({ type: 'trying' });
          },
          onProgress: ({ message }) => {
            this.#progress(message);
          },
          onReject: refused,
          onRedirect: refused,
        },
      })
      .catch((thrown: unknown) => {
        this.fail(thrown instanceof PhoneError ? thrown.failure : failureOf('media-failed'));
      });
  }

  protected override leave(): Promise<unknown> {
    return this.#inviter.state === SessionState.Established
      ? this.#inviter.bye()
      : this.#inviter.cancel();
  }

  /** SDP with nothing to hear yet (RFC 5009) lets the media connect while the far end rings. */
  #progress(message: Message): void {
    const isSilent = message.getHeader('P-Early-Media')?.trim() === 'inactive';
    if (message.body !== '' && !isSilent) this.apply({ type: 'early-media' });
    else if (message.statusCode === 180) this.apply({ type: 'ringing' });
  }
}

import type { Session, Web } from 'sip.js';
import { failureFromResponse, failureOf, PhoneError } from './failure.js';
import type { Timers } from './timers.js';

/** After 491 whoever made the call waits 2.1 to 4 s, the other up to 2 s (RFC 3261 section 14.1). */
const GLARE_MS = { least: 2100, spread: 1900 };
const ATTEMPTS = 3;

interface Offer {
  hold: boolean;
  iceRestart: boolean;
}

/** The offers (re-INVITE) that we make in a running call, one after the other. */
export class SessionOffers {
  readonly #session: Session;
  readonly #timers: Timers;
  #last: Promise<unknown> = Promise.resolve();

  constructor(session: Session, timers: Timers) {
    this.#session = session;
    this.#timers = timers;
    // Whoever asks us for an offer does so to join us to another party (RFC 3725), on another transport.
    session.sessionDescriptionHandlerOptionsReInvite = mediaOptions({
      hold: false,
      iceRestart: true,
    });
  }

  /** Resolves when the other side knows, and rejects with a PhoneError when it refused. */
  hold(hold: boolean): Promise<void> {
    return this.#inTurn({ hold, iceRestart: false });
  }

  /** Another path for the audio (RFC 8445 section 2.4). */
  restart(hold: boolean): Promise<void> {
    return this.#inTurn({ hold, iceRestart: true });
  }

  #inTurn(offer: Offer): Promise<void> {
    const made = this.#last.then(() => this.#make(offer, ATTEMPTS));
    this.#last = made.catch(() => undefined);
    return made;
  }

  async #make(offer: Offer, attempts: number): Promise<void> {
    const status = await this.#send(offer);
    if (status < 300) return;
    if (status !== 491 || attempts <= 1) throw new PhoneError(failureFromResponse(status, []));
    await new Promise<void>((resolve) => {
      this.#timers.after(GLARE_MS.least + Math.random() * GLARE_MS.spread, resolve);
    });
    await this.#make(offer, attempts - 1);
  }

  #send(offer: Offer): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#session
        .invite({
          // sip.js keeps what it was given for offers that we are asked for later.
          sessionDescriptionHandlerOptions: mediaOptions(offer),
          requestDelegate: {
            onAccept: ({ message }) => {
              resolve(message.statusCode ?? 200);
            },
            onReject: ({ message }) => {
              resolve(message.statusCode ?? 500);
            },
          },
        })
        .catch((thrown: unknown) => {
          // A re-INVITE of the other side is just being answered.
          if (thrown instanceof Error && thrown.name.includes('Pending')) resolve(491);
          else reject(new PhoneError(failureOf('server-error'), thrown));
        })
        .finally(() => {
          this.#session.sessionDescriptionHandlerOptionsReInvite = mediaOptions({
            ...{ hold: offer.hold, iceRestart: true },
          });
        });
    });
  }
}

/** As sip.js's media handling for browsers takes them. */
function mediaOptions({ hold, iceRestart }: Offer): Web.SessionDescriptionHandlerOptions {
  return { hold, offerOptions: { iceRestart } };
}

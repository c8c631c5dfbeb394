import type { Clock } from '../kernel/clock.js';
import { toCopperlineError } from '../kernel/errors.js';
import type { CarrierDialog, CarrierDialogHandlers } from './carrier-sip.js';
import type { WireDialog, WireRequest, WireResponse } from './drachtio-wire.js';

export interface DrachtioDialogOptions {
  wire: WireDialog;
  /** The SDP that the 200 carried. */
  sdp: string;
  handlers: CarrierDialogHandlers;
  clock: Clock;
  onGone: () => void;
}

/** A BYE or INFO without any answer is given up by the SIP server after 32 s (64*T1). */
const GIVE_UP_MS = 35_000;

/** An answered call in drachtio-srf. */
export class DrachtioDialog implements CarrierDialog {
  readonly #options: DrachtioDialogOptions;
  #sdp: string;
  #over = false;
  /** A re-INVITE without SDP got an offer of ours, which its ACK answers (RFC 3261 section 14.1). */
  #answerDue = false;

  constructor(options: DrachtioDialogOptions) {
    this.#options = options;
    this.#sdp = options.sdp;
    const { wire } = options;
    wire.on('destroy', (_request: WireRequest, reason?: string) => {
      // drachtio-srf's words for every BYE from the network; others come from the SIP server.
      const byCaller = reason === undefined || reason === 'normal release';
      this.#ended(byCaller ? 'The caller hung up.' : `The SIP server ended it: ${reason}.`);
    });
    const onReoffer = (request: WireRequest, response: WireResponse): void => {
      this.#reoffer(request, response);
    };
    wire.on('ack', (request: WireRequest) => {
      this.#onAck(request);
    });
    wire.on('modify', onReoffer);
    wire.on('update', onReoffer);
  }

  async info(contentType: string, body: string): Promise<number> {
    if (this.#over) return 481;
    const { wire } = this.#options;
    return this.#within<number>(408, (resolve) => {
      wire.request(
        { method: 'INFO', headers: { 'Content-Type': contentType }, body },
        (error, response) => {
          resolve(error ? 481 : (response?.status ?? 481));
        },
      );
    });
  }

  async bye(sentence: string): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    const headers = { Reason: `SIP;cause=200;text="${sentence.replace(/["\\]/g, ' ')}"` };
    await this.#within<undefined>(undefined, (resolve) => {
      this.#options.wire.destroy({ headers }, () => {
        resolve(undefined);
      });
    });
    this.#options.onGone();
  }

  /** The SIP server is gone, and the dialog with it. */
  lost(sentence: string): void {
    this.#ended(sentence);
  }

  #ended(sentence: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.onGone();
    this.#options.handlers.onEnd(sentence);
  }

  /** RFC 3261 section 14.2 and RFC 3311 section 5.2: the old session stays when the offer is refused. */
  #reoffer(request: WireRequest, response: WireResponse): void {
    const offer = request.body ?? '';
    if (offer === '' && request.method === 'UPDATE') {
      response.send(200);
      return;
    }
    try {
      this.#sdp = this.#options.handlers.onReoffer(offer);
    } catch (error) {
      response.send(toCopperlineError(error, 'CL_INTERNAL').sipStatus);
      return;
    }
    this.#answerDue = offer === '';
    response.send(200, { body: this.#sdp, headers: { 'Content-Type': 'application/sdp' } });
  }

  #onAck({ body }: WireRequest): void {
    if (!this.#answerDue) return;
    this.#answerDue = false;
    if (body !== undefined && body !== '') this.#options.handlers.onAnswer(body);
  }

  /** drachtio-srf waits for ever for a response that a lost connection can no longer bring. */
  #within<Result>(
    fallback: Result,
    start: (resolve: (result: Result) => void) => void,
  ): Promise<Result> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.setTimer(() => {
        resolve(fallback);
      }, GIVE_UP_MS);
      start((result) => {
        timer.cancel();
        resolve(result);
      });
    });
  }
}

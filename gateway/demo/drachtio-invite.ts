import type { Clock } from '../kernel/clock.js';
import { CopperlineError } from '../kernel/errors.js';
import type { CarrierDialog, CarrierDialogHandlers, CarrierInvite } from './carrier-sip.js';
import { DrachtioDialog } from './drachtio-dialog.js';
import type { WireDialog, WireRequest, WireResponse, WireSrf } from './drachtio-wire.js';

export interface DrachtioInviteOptions {
  srf: WireSrf;
  request: WireRequest;
  response: WireResponse;
  clock: Clock;
}

/** RFC 3261 section 19.1.1, and RFC 3966 for `tel`. */
const USER_PART = /^(?:sips?|tel):([^@;?]*)/i;

/** One INVITE from drachtio-srf, until it is refused, cancelled, or its dialog ends. */
export class DrachtioInvite implements CarrierInvite {
  readonly callId: string;
  readonly dialled: string;
  readonly offer: string;
  readonly #options: DrachtioInviteOptions;
  readonly #cancel = new AbortController();
  #dialog: DrachtioDialog | undefined;
  #onGone: () => void = () => undefined;

  constructor(options: DrachtioInviteOptions) {
    this.#options = options;
    const { request } = options;
    this.callId = request.get('Call-ID') ?? '';
    this.dialled = USER_PART.exec(request.uri)?.[1] ?? '';
    this.offer = request.body ?? '';
    request.on('cancel', () => {
      this.#end('The caller cancelled.');
    });
  }

  get cancelled(): AbortSignal {
    return this.#cancel.signal;
  }

  onGone(listener: () => void): void {
    this.#onGone = listener;
  }

  progress(status: number, sdp?: string): void {
    if (this.#finished) return;
    this.#options.response.send(status, sdp === undefined ? {} : { body: sdp });
  }

  refuse(status: number, sentence?: string): void {
    if (this.#finished) return;
    const headers = sentence === undefined ? {} : { Warning: warning(sentence) };
    this.#options.response.send(status, { headers });
    this.#onGone();
  }

  async answer(sdp: string, handlers: CarrierDialogHandlers): Promise<CarrierDialog | undefined> {
    if (this.#finished) return undefined;
    return new Promise((resolve, reject) => {
      const { srf, request, response, clock } = this.#options;
      const { signal } = this.#cancel;
      const giveUp = (): void => {
        resolve(undefined);
      };
      // Also when the connection is lost, since drachtio-srf then never calls back.
      signal.addEventListener('abort', giveUp, { once: true });
      srf.createUAS(request, response, { localSdp: sdp }, (error, wire) => {
        signal.removeEventListener('abort', giveUp);
        if (wire !== undefined) resolve(this.#established(wire, { sdp, handlers, clock }));
        else if (!signal.aborted) {
          this.#onGone();
          reject(answerFailed(error));
        }
      });
    });
  }

  /** The SIP server is gone: nothing can be sent any more. */
  connectionLost(): void {
    this.#dialog?.lost('The connection to the SIP server was lost.');
    this.#end('The connection to the SIP server was lost.');
  }

  get #finished(): boolean {
    return this.#cancel.signal.aborted || this.#options.response.finalResponseSent;
  }

  #established(
    wire: WireDialog,
    context: { sdp: string; handlers: CarrierDialogHandlers; clock: Clock },
  ): DrachtioDialog {
    const dialog = new DrachtioDialog({
      wire,
      ...context,
      onGone: () => {
        this.#onGone();
      },
    });
    this.#dialog = dialog;
    return dialog;
  }

  #end(sentence: string): void {
    if (this.#dialog === undefined) this.#onGone();
    this.#cancel.abort(new Error(sentence));
  }
}

function answerFailed(error: unknown): CopperlineError {
  const why = error instanceof Error ? error.message : String(error);
  return new CopperlineError('CL_DEMO_NOT_CONNECTED', {
    sentence: `The 200 of the demo carrier could not be sent: ${why}.`,
    cause: error,
  });
}

/** RFC 3261 section 20.43; quotes and backslashes of the sentence are escaped. */
function warning(sentence: string): string {
  return `399 copperline-demo "${sentence.replace(/[^ -~]/g, ' ').replace(/["\\]/g, '\\$&')}"`;
}

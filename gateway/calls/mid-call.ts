import { CopperlineError } from '../kernel/errors.js';
import { SerialQueue } from '../kernel/serial-queue.js';
import { otherLeg, type DigitReport, type LegName } from '../media/media-engine.js';
import type { DialogHandlers, SipBody } from '../signaling/sip-endpoint.js';
import type { Call } from './call.js';
import { formatDtmfInfo, readDtmfInfo } from './dtmf-info.js';
import { endCall } from './end-call.js';
import { dialogEnded } from './end-reasons.js';

/** INFO bodies that the carrier may send to the browser as they are. */
const PASSED_TO_BROWSER = 'application/vnd.copperline.dtmf-report+json';
const MAX_WAITING_INFOS = 100;

/** What peers do while a call is up: hang up, re-offer, send INFO. One per call. */
export class MidCall {
  readonly #call: Call;
  /** INFO to the browser goes out one after another, so that digits keep their order. */
  readonly #toBrowser = new SerialQueue();

  constructor(call: Call) {
    this.#call = call;
    call.over.signal.addEventListener('abort', () => {
      this.#toBrowser.close();
    });
  }

  handlersFor(leg: LegName): DialogHandlers {
    return {
      onEnd: (end) => {
        endCall(this.#call, dialogEnded(leg, end), { gone: leg });
      },
      onReoffer: (offer) => this.#call.queue.run(() => this.#answerReoffer(leg, offer)),
      onInfo: (body) => this.#onInfo(leg, body),
    };
  }

  /** A key that the media engine heard; what the carrier presses is shown to the browser. */
  onDigit({ from, digit, durationMs }: DigitReport): void {
    if (from === 'callee') this.#informBrowser(formatDtmfInfo({ digit, durationMs }));
  }

  /**
   * A session refresh (RFC 4028, or the same offer again, RFC 3264 section 8) is answered with what was agreed; a real
   * change is refused, which leaves the call as it is (RFC 3261 section 14.2).
   */
  #answerReoffer(leg: LegName, offer: string | undefined): string {
    const agreed = this.#call.sdp[leg];
    if (agreed !== undefined && (offer === undefined || origin(offer) === origin(agreed.remote)))
      return agreed.local;
    throw new CopperlineError('CL_CALL_REOFFER', {
      sentence: 'The media of this call cannot be changed while it is up.',
    });
  }

  async #onInfo(leg: LegName, body: SipBody): Promise<number> {
    const type = body.contentType.split(';')[0]?.trim().toLowerCase() ?? '';
    const isDtmf = type === 'application/dtmf-relay' || type === 'application/dtmf';
    if (leg === 'caller' && isDtmf) {
      const callee = this.#call.dialogs[otherLeg(leg)];
      return callee === undefined ? 480 : callee.info(body);
    }
    if (leg === 'callee' && isDtmf) {
      const digit = readDtmfInfo(type, body.content);
      if (digit === undefined) return 400;
      this.#informBrowser(formatDtmfInfo(digit));
      return 200;
    }
    if (leg === 'callee' && type === PASSED_TO_BROWSER) {
      this.#informBrowser(body);
      return 200;
    }
    // RFC 6086 section 4.2.2: a body that we do not take.
    return 415;
  }

  #informBrowser(body: SipBody): void {
    if (this.#toBrowser.length >= MAX_WAITING_INFOS || !this.#call.is('up')) return;
    const { caller } = this.#call.dialogs;
    if (caller === undefined) return;
    this.#toBrowser
      .run(() => caller.info(body))
      .catch((error: unknown) => {
        // The content stays out of the log: it may be a digit.
        this.#call.log.debug({ err: error }, 'an INFO did not reach the browser');
      });
  }
}

/** The o= line: its version changes with every change of the SDP (RFC 3264 section 8). */
function origin(sdp: string): string | undefined {
  return /^o=(.*)$/m.exec(sdp)?.[1]?.trim();
}

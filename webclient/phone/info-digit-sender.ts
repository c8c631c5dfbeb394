import type { Session } from 'sip.js';
import { DTMF_RELAY, formatDtmfRelay } from './dtmf-relay.js';
import type { DigitSender, DigitTiming } from './digits.js';
import type { Timers } from './timers.js';

/** Digits by SIP INFO, for a far end that takes no telephone-events. One request at a time keeps their order. */
export class InfoDigitSender implements DigitSender {
  readonly transport = 'info';
  readonly #session: Session;
  readonly #timers: Timers;

  constructor(session: Session, timers: Timers) {
    this.#session = session;
    this.#timers = timers;
  }

  send(digit: string, timing: DigitTiming, onLeaving: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const body = {
        contentDisposition: 'render',
        contentType: DTMF_RELAY,
        content: formatDtmfRelay(digit, timing.toneMs),
      };
      // The receiver plays the tone for that long after its 200; the next one must not run into it.
      const onAccept = (): void => void this.#timers.after(timing.toneMs + timing.gapMs, resolve);
      this.#session
        .info({
          requestDelegate: {
            onAccept,
            onReject: ({ message }) => {
              reject(new Error(`INFO was answered ${message.statusCode ?? 0}`));
            },
          },
          requestOptions: { body },
        })
        .then(onLeaving, reject);
    });
  }
}

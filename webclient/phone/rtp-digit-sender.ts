import type { DigitSender, DigitTiming } from './digits.js';
import type { Timers } from './timers.js';

/** The part of RTCDTMFSender that is used; a test brings its own. */
export interface ToneSender {
  readonly canInsertDTMF: boolean;
  insertDTMF(tones: string, duration?: number, interToneGap?: number): void;
  addEventListener(type: 'tonechange', listener: (event: { tone: string }) => void): void;
  removeEventListener(type: 'tonechange', listener: (event: { tone: string }) => void): void;
}

/** How long a tone may be impossible to start, or unconfirmed after its due end, before it counts as failed. */
const PATIENCE_MS = 2000;
/** Nothing tells when `canInsertDTMF` turns true, and in Chromium it does so a moment after `connected`. */
const ASK_AGAIN_MS = 20;

/**
 * Digits as RFC 4733 telephone-events through the browser's RTCDTMFSender, one tone at a time. `tonechange` says
 * the tone when it starts and an empty string when tone and gap are over (W3C WebRTC section 7.2).
 */
export class RtpDigitSender implements DigitSender {
  readonly transport = 'rtp';
  readonly #sender: ToneSender;
  readonly #timers: Timers;

  constructor(sender: ToneSender, timers: Timers) {
    this.#sender = sender;
    this.#timers = timers;
  }

  async send(digit: string, timing: DigitTiming, onLeaving: () => void): Promise<void> {
    await this.#ready();
    await this.#play(digit, timing, onLeaving);
  }

  async #ready(): Promise<void> {
    for (let waited = 0; !this.#sender.canInsertDTMF; waited += ASK_AGAIN_MS) {
      if (waited >= PATIENCE_MS) throw new Error('the browser cannot send tones');
      await new Promise<void>((resolve) => void this.#timers.after(ASK_AGAIN_MS, resolve));
    }
  }

  #play(digit: string, timing: DigitTiming, onLeaving: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        cancel();
        this.#sender.removeEventListener('tonechange', onToneChange);
        finish();
      };
      const onToneChange = (event: { tone: string }): void => {
        if (event.tone === digit) onLeaving();
        else if (event.tone === '') settle(resolve);
      };
      // No event comes when the other side stopped taking audio meanwhile (hold).
      const cancel = this.#timers.after(timing.toneMs + timing.gapMs + PATIENCE_MS, () => {
        settle(() => {
          reject(new Error('the browser did not confirm the tone'));
        });
      });
      this.#sender.addEventListener('tonechange', onToneChange);
      try {
        this.#sender.insertDTMF(digit, timing.toneMs, timing.gapMs);
      } catch (thrown) {
        settle(() => {
          reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
        });
      }
    });
  }
}

import type { MediaEngine } from '../../../gateway/media/media-engine.js';
import type { BrowserName } from '../../support/driven-page.js';
import { PressingBrowser } from '../../support/dtmf/pressing-browser.js';
import { within } from '../../support/within.js';
import { openDtmfEngine } from './dtmf-engine.js';

interface Parts {
  engine: MediaEngine;
  browser: PressingBrowser;
}

/** No part of the bench may wait for a peer that is gone. */
const START_LIMIT_MS = 60_000;

/** An engine and a browser that calls through it; opened when they are needed, and anew after something failed in them. */
export class DtmfPlace {
  readonly #engine: string;
  readonly #browser: BrowserName;
  #parts: Promise<Parts> | undefined;
  #close: (() => Promise<void>)[] = [];

  constructor(engine: string, browser: BrowserName) {
    this.#engine = engine;
    this.#browser = browser;
  }

  /** @throws Error when one of them does not start */
  open(): Promise<Parts> {
    this.#parts ??= within(START_LIMIT_MS, this.#open());
    return this.#parts;
  }

  /** Idempotent; what does not close is left behind. */
  async close(): Promise<void> {
    this.#parts = undefined;
    for (const close of this.#close.splice(0).reverse())
      await within(START_LIMIT_MS, close()).catch(() => undefined);
  }

  async #open(): Promise<Parts> {
    const { engine, close } = await openDtmfEngine(this.#engine);
    this.#close.push(close);
    const browser = await PressingBrowser.start(this.#browser);
    this.#close.push(() => browser.close());
    return { engine, browser };
  }
}

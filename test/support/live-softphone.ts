import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';

/** The strongest frequency that the page hears from the far end. */
export interface HeardTone {
  frequencyHz: number;
  levelDb: number;
}

/** Runs in the page: averages a few spectra of the remote audio, so that one odd frame does not decide. */
const STRONGEST_TONE = `(async () => {
  const stream = copperline.remoteAudio();
  if (stream === undefined) return undefined;
  const context = new AudioContext();
  await context.resume();
  const analyser = context.createAnalyser();
  analyser.fftSize = 8192;
  context.createMediaStreamSource(stream).connect(analyser);
  await new Promise((resolve) => setTimeout(resolve, 400));
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  const best = bins.indexOf(Math.max(...bins));
  const heard = { frequencyHz: (best * context.sampleRate) / analyser.fftSize, levelDb: bins[best] };
  await context.close();
  return heard;
})()`;

/** The softphone in a tab of its own, at a running gateway. */
export class LiveSoftphone {
  readonly page: Page;
  readonly complaints: string[] = [];
  readonly #context: BrowserContext;

  private constructor(page: Page, context: BrowserContext) {
    this.page = page;
    this.#context = context;
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
  }

  /** Opens the page and waits until it has registered. `codecs` limits what the browser offers. */
  static async open(browser: Browser, url: string, codecs = ''): Promise<LiveSoftphone> {
    const context = await browser.newContext({ viewport: { width: 1000, height: 860 } });
    const phone = new LiveSoftphone(await context.newPage(), context);
    await phone.page.goto(codecs === '' ? url : `${url}?codecs=${codecs}`);
    await phone.state('registration-state', 'registered');
    return phone;
  }

  /** Opens the page of a gateway that is no demo, and signs in by its form. Does not wait for the answer. */
  static async signIn(
    browser: Browser,
    url: string,
    account: { user: string; password: string },
  ): Promise<LiveSoftphone> {
    const context = await browser.newContext({ viewport: { width: 1000, height: 820 } });
    const phone = new LiveSoftphone(await context.newPage(), context);
    await phone.page.goto(url);
    await phone.fillIn(account);
    return phone;
  }

  /** Fills in the sign-in form and sends it. */
  async fillIn({ user, password }: { user: string; password: string }): Promise<void> {
    await this.get('sign-in-user').fill(user);
    await this.get('sign-in-password').fill(password);
    await this.get('sign-in-button').click();
  }

  get(testId: string): Locator {
    return this.page.getByTestId(testId);
  }

  /** Waits until the element shows that state. */
  async state(testId: string, state: string): Promise<void> {
    await this.page.locator(`[data-testid=${testId}][data-state=${state}]`).waitFor();
  }

  /** Types the number and calls; waits for the call's state. */
  async dial(number: string, state: string): Promise<void> {
    await this.get('dial-input').fill(number);
    await this.get('call-button').click();
    await this.state('call-state', state);
  }

  /** Undefined until the far end's audio has arrived. */
  strongestTone(): Promise<HeardTone | undefined> {
    return this.page.evaluate(STRONGEST_TONE);
  }

  /** Presses the keys of the keypad, one click each, all in one turn: an IVR does not wait for a slow test. */
  async press(keys: string): Promise<void> {
    const buttons = await Promise.all(
      Array.from(keys, (key) => {
        const name = { '*': 'star', '#': 'pound' }[key] ?? key;
        return this.get(`key-${name}`).elementHandle();
      }),
    );
    await this.page.evaluate((elements) => {
      for (const element of elements) (element as unknown as { click(): void }).click();
    }, buttons);
  }

  async hangUp(): Promise<void> {
    await this.get('hangup-button').click();
    await this.state('call-state', 'ended');
  }

  async close(): Promise<void> {
    await this.#context.close();
  }
}

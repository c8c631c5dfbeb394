import { openEmptyPage, type BrowserName, type DrivenPage } from '../driven-page.js';

/** A key press as RTCDTMFSender is asked for it, ms. */
export interface PressTiming {
  toneMs: number;
  gapMs: number;
}

/** One call of the page; the page's code is text, because it runs in the browser. */
const PAGE = {
  prepare: `(async () => {
    window.calls = [];
    window.microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
  })()`,
  offer: (call: number) => `(async () => {
    const pc = (calls[${call}] = new RTCPeerConnection());
    pc.addTrack(microphone.getAudioTracks()[0], microphone);
    await pc.setLocalDescription();
    while (pc.iceGatheringState !== 'complete') {
      await new Promise((done) => pc.addEventListener('icegatheringstatechange', done, { once: true }));
    }
    return pc.localDescription.sdp;
  })()`,
  connect: (call: number, answer: string) => `(async () => {
    const pc = calls[${call}];
    await pc.setRemoteDescription({ type: 'answer', sdp: ${JSON.stringify(answer)} });
    while (pc.connectionState !== 'connected') {
      if (pc.connectionState === 'failed') throw new Error('the connection failed');
      await new Promise((done) => pc.addEventListener('connectionstatechange', done, { once: true }));
    }
  })()`,
  press: (call: number, digits: string, { toneMs, gapMs }: PressTiming) => `(async () => {
    const sender = calls[${call}].getSenders()[0].dtmf;
    if (!sender.canInsertDTMF) throw new Error('the answer takes no telephone-event, so no key can be pressed');
    await new Promise((done) => {
      sender.ontonechange = ({ tone }) => { if (tone === '') done(); };
      sender.insertDTMF(${JSON.stringify(digits)}, ${toneMs}, ${gapMs});
    });
  })()`,
  hangUp: (call: number) => `calls[${call}].close()`,
};

/** A real browser on an empty page, that holds many calls at a time and presses keys in them. */
export class PressingBrowser {
  readonly #page: DrivenPage;
  #calls = 0;

  private constructor(page: DrivenPage) {
    this.#page = page;
  }

  static async start(name: BrowserName): Promise<PressingBrowser> {
    const page = await openEmptyPage(name);
    await page.evaluate(PAGE.prepare);
    return new PressingBrowser(page);
  }

  /** The number of a new call, and its offer with all candidates. */
  async offer(): Promise<{ call: number; sdp: string }> {
    const call = this.#calls;
    this.#calls += 1;
    return { call, sdp: String(await this.#page.evaluate(PAGE.offer(call))) };
  }

  /** Takes the answer and resolves when ICE and DTLS are done. */
  async connect(call: number, answer: string): Promise<void> {
    await this.#page.evaluate(PAGE.connect(call, answer));
  }

  /** Resolves when the last digit and its gap are over. */
  async press(call: number, digits: string, timing: PressTiming): Promise<void> {
    await this.#page.evaluate(PAGE.press(call, digits, timing));
  }

  async hangUp(call: number): Promise<void> {
    await this.#page.evaluate(PAGE.hangUp(call));
  }

  async close(): Promise<void> {
    await this.#page.close();
  }
}

import { openEmptyPage, type BrowserName, type DrivenPage } from '../driven-page.js';
import { findFirefox } from '../firefox.js';

export type CertificateKind = 'ECDSA' | 'RSA';

/** One connection of the page at a time; the page's code is text, because it runs in the browser. */
const PAGE = {
  prepare: `(async () => {
    window.microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
    window.certificates = {
      ECDSA: await RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' }),
      RSA: await RTCPeerConnection.generateCertificate({
        name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256',
        modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]),
      }),
    };
  })()`,
  offer: (kind: CertificateKind) => `(async () => {
    window.pc = new RTCPeerConnection({ certificates: [certificates.${kind}] });
    pc.addTrack(microphone.getAudioTracks()[0], microphone);
    await pc.setLocalDescription();
    return pc.localDescription.sdp;
  })()`,
  take: (answer: string) =>
    `pc.setRemoteDescription({ type: 'answer', sdp: ${JSON.stringify(answer)} })`,
  ended: `(async () => {
    while (!['connected', 'failed'].includes(pc.connectionState)) {
      await new Promise((done) => pc.addEventListener('connectionstatechange', done, { once: true }));
    }
    return pc.connectionState;
  })()`,
  hangUp: 'pc.close()',
};

/** A real browser that connects with certificates of both kinds. */
export class LabBrowser {
  readonly #page: DrivenPage;

  private constructor(page: DrivenPage) {
    this.#page = page;
  }

  static isThere(name: BrowserName): boolean {
    return name === 'chromium' || findFirefox() !== undefined;
  }

  static async start(name: BrowserName): Promise<LabBrowser> {
    const page = await openEmptyPage(name);
    await page.evaluate(PAGE.prepare);
    return new LabBrowser(page);
  }

  async offer(kind: CertificateKind): Promise<string> {
    return String(await this.#page.evaluate(PAGE.offer(kind)));
  }

  async take(answer: string): Promise<void> {
    await this.#page.evaluate(PAGE.take(answer));
  }

  /** `connected` or `failed`, as soon as it is one of them. */
  async ended(): Promise<string> {
    return String(await this.#page.evaluate(PAGE.ended));
  }

  async hangUp(): Promise<void> {
    await this.#page.evaluate(PAGE.hangUp);
  }

  async close(): Promise<void> {
    await this.#page.close();
  }
}

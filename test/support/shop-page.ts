import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Page {
  html: string;
  /** Without a policy when absent. */
  csp?: string | undefined;
  /** The html is all of the page, not its body alone. */
  whole?: boolean;
}

export interface ShopPage {
  readonly origin: string;
  /** What is served from now on, at `/`, and in a frame at `/outer`. */
  show(page: Page): void;
  close(): Promise<void>;
}

const OUTER =
  '<!doctype html><title>Outer</title><iframe src="/" allow="microphone" width="400" height="600"></iframe>';

/** The web server of a shop: one page, on an origin of its own. */
export async function startShopPage(): Promise<ShopPage> {
  let page: Page = { html: '' };
  const server: Server = createServer((request, response) => {
    const { csp, html, whole = false } = page;
    response.setHeader('content-type', 'text/html; charset=utf-8');
    if (csp !== undefined) response.setHeader('content-security-policy', csp);
    const head = '<title>Shop</title><meta name="viewport" content="width=device-width">';
    const body = `<!doctype html><html><head>${head}</head><body><h1>Shop</h1>${html}</body></html>`;
    if (request.url === '/outer') response.end(OUTER);
    else response.end(whole ? html : body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    show: (next) => {
      page = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** Keeps the stream that the widget plays, so that the test can listen as well. */
export const EAVESDROP = `{
  const { set, get } = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'srcObject');
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', {
    get,
    set(stream) { if (stream) globalThis.heard = stream; set.call(this, stream); },
  });
}`;

/** The strongest frequency of it. */
export const STRONGEST_HZ = `(async () => {
  const context = new AudioContext();
  await context.resume();
  const analyser = new AnalyserNode(context, { fftSize: 8192 });
  context.createMediaStreamSource(globalThis.heard).connect(analyser);
  await new Promise((resolve) => setTimeout(resolve, 400));
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  const best = bins.indexOf(Math.max(...bins));
  const hz = (best * context.sampleRate) / 8192;
  await context.close();
  return hz;
})()`;

import { createServer } from 'node:http';
import { launchChromium } from './chromium.js';
import { findFirefox, Firefox } from './firefox.js';
import { portOf } from './page-server.js';

export type BrowserName = 'chromium' | 'firefox';

/** What a test asks of a browser, whichever it is. */
export interface DrivenPage {
  /** The value of a JavaScript expression in the page. */
  evaluate(expression: string): Promise<unknown>;
  /** Ends the browser with the server of its page. */
  close(): Promise<void>;
}

/** A real browser of its own on an empty page that may use the microphone. */
export async function openEmptyPage(name: BrowserName): Promise<DrivenPage> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>Test</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // localhost is a secure context: getUserMedia works without TLS.
  const url = `http://localhost:${portOf(server)}/`;
  const page = await (name === 'chromium' ? openChromium(url) : openFirefox(url));
  return {
    evaluate: (expression) => page.evaluate(expression),
    close: async () => {
      await page.close();
      server.close();
    },
  };
}

async function openChromium(url: string): Promise<DrivenPage> {
  const browser = await launchChromium();
  const page = await browser.newPage();
  await page.goto(url);
  return {
    evaluate: (expression) => page.evaluate(expression),
    close: () => browser.close(),
  };
}

async function openFirefox(url: string): Promise<DrivenPage> {
  const browser = await Firefox.launch(findFirefox() ?? 'firefox-esr');
  await browser.open(url);
  return browser;
}

import { writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import { CuttableRelay } from './cuttable-relay.js';
import { portOf, startPageServer } from './page-server.js';
import { ScriptedSipServer, type Script } from './scripted-sip-server.js';

export interface SdkPageOptions {
  browser: Browser;
  /** A built web client with the SDK. */
  directory: string;
  onInvite?: Script['onInvite'];
  /** Runs before anything else in the page. */
  init?: string;
  /** Further options of createPhone(), as JavaScript in braces. */
  options?: string;
}

const ACCOUNT = { user: 'demo', password: 'right' };

/**
 * A page with nothing but the built SDK, against a SIP server over WebSocket that shares no code with the gateway. In the page: `phone`, and
 * `events`, what its connection and registration told.
 */
export class SdkPage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly sip: ScriptedSipServer;
  /** Between the page and its server. */
  readonly relay: CuttableRelay;
  readonly #http: Server;

  private constructor(parts: {
    page: Page;
    context: BrowserContext;
    sip: ScriptedSipServer;
    relay: CuttableRelay;
    http: Server;
  }) {
    this.page = parts.page;
    this.context = parts.context;
    this.sip = parts.sip;
    this.relay = parts.relay;
    this.#http = parts.http;
  }

  /** Makes the phone, which is not connected yet. */
  static async open(options: SdkPageOptions): Promise<SdkPage> {
    const { browser, directory, onInvite = () => undefined, init = '' } = options;
    await writeFile(join(directory, 'blank.html'), '<!doctype html><title>SDK</title>');
    const http = await startPageServer({ directory, clientConfig: () => undefined });
    const sip = new ScriptedSipServer(http, { ...ACCOUNT, onInvite });
    const relay = await CuttableRelay.open({ host: '127.0.0.1', port: portOf(http) });
    const context = await browser.newContext();
    await context.addInitScript(init);
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(`http://127.0.0.1:${relay.port}/blank.html`);
    await page.evaluate(`import('/sdk/copperline-phone.js').then((sdk) => {
      globalThis.events = [];
      globalThis.phone = sdk.createPhone({
        server: 'ws://' + location.host + '/sip',
        domain: 'copperline.test',
        ...${JSON.stringify(ACCOUNT)},
        ...${options.options ?? '{}'},
      });
      for (const type of ['connection', 'registration'])
        phone.on(type, (state) => events.push({ type, ...state }));
    })`);
    return new SdkPage({ page, context, sip, relay, http });
  }

  /** Connects and waits until the server knows the phone. */
  async register(): Promise<void> {
    await this.page.evaluate('phone.connect()');
    await this.until("phone.registration.name === 'registered'");
  }

  /** Waits until an expression of the page is true. */
  async until(expression: string): Promise<void> {
    // Not waitForFunction(): it evaluates inside of the page, whose policy forbids that.
    await expect
      .poll(() => this.page.evaluate(`Boolean(${expression})`), { timeout: 60_000, interval: 50 })
      .toBe(true);
  }

  /** Calls 600; the call is `call` in the page, its states are `states`. Waits for a state. */
  async call(state: string): Promise<void> {
    await this.page.evaluate(`{
      globalThis.call = phone.call('600');
      globalThis.states = [];
      globalThis.microphones = [];
      call.on('state', (now) => states.push(now));
      call.on('microphone', (change) => microphones.push(change));
    }`);
    await this.until(`call.state.name === '${state}'`);
  }

  async close(): Promise<void> {
    await this.context.close();
    await this.relay.close();
    await this.sip.close();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}

import type { Server } from 'node:http';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { BrowserMediaPeer } from './browser-media-peer.js';
import { portOf, startPageServer } from './page-server.js';
import { ScriptedSipServer, type Script, type ScriptedInvite } from './scripted-sip-server.js';

export interface SoftphonePageOptions {
  browser: Browser;
  /** The built page. */
  directory: string;
  onInvite?: Script['onInvite'];
  /** False: the page shows its sign-in form. Default true. */
  demo?: boolean;
}

const ACCOUNT = { user: 'demo', password: 'right' };
const NUMBERS = [
  { number: '600', label: 'Echo: hear yourself' },
  { number: '486', label: 'A busy line' },
];

/** The softphone page in a browser tab of its own, served under a strict CSP, against a scripted SIP server. */
export class SoftphonePage {
  readonly page: Page;
  readonly sip: ScriptedSipServer;
  /** Far ends of the calls answered by answer(). */
  readonly peers: BrowserMediaPeer[] = [];
  /** Everything the browser complained about: script errors, violations of the CSP. */
  readonly complaints: string[] = [];
  readonly #context: BrowserContext;
  readonly #http: Server;

  private constructor(parts: {
    page: Page;
    context: BrowserContext;
    http: Server;
    sip: ScriptedSipServer;
  }) {
    this.page = parts.page;
    this.sip = parts.sip;
    this.#context = parts.context;
    this.#http = parts.http;
    this.page.on('pageerror', (error) => this.complaints.push(error.message));
    this.page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
  }

  static async create(options: SoftphonePageOptions): Promise<SoftphonePage> {
    const demo = options.demo === false ? {} : { demo: { ...ACCOUNT, numbers: NUMBERS } };
    const config = { sipPath: '/sip', domain: 'copperline.test', iceServers: [], ...demo };
    const http = await startPageServer({
      directory: options.directory,
      clientConfig: () => config,
    });
    const onInvite = options.onInvite ?? (() => undefined);
    const sip = new ScriptedSipServer(http, { ...ACCOUNT, onInvite });
    const context = await options.browser.newContext();
    return new SoftphonePage({ page: await context.newPage(), context, http, sip });
  }

  get(testId: string): Locator {
    return this.page.getByTestId(testId);
  }

  async open(query = ''): Promise<void> {
    await this.page.goto(`http://127.0.0.1:${portOf(this.#http)}/${query}`);
  }

  /** Waits until the registration has that state. */
  async registration(state: string): Promise<void> {
    await this.page.locator(`[data-testid=registration-state][data-state=${state}]`).waitFor();
  }

  /** Waits until the call has that state. */
  async call(state: string): Promise<void> {
    await this.page.locator(`[data-testid=call-state][data-state=${state}]`).waitFor();
  }

  /** Opens the page, waits for the registration and calls 600 by its button. */
  async openAndCall(state: string, query = ''): Promise<void> {
    await this.open(query);
    await this.registration('registered');
    await this.get('number-600').click();
    await this.call(state);
  }

  /** Answers with a real far end (PCMU); returns its SDP. */
  async answer(invite: ScriptedInvite, status = 200, telephoneEvents = true): Promise<string> {
    const { peer, sdp } = await BrowserMediaPeer.answer(
      invite.message.body,
      'PCMU/8000',
      telephoneEvents,
    );
    this.peers.push(peer);
    invite.reply({ status, body: sdp });
    return sdp;
  }

  async close(): Promise<void> {
    await this.#context.close();
    for (const peer of this.peers) peer.close();
    await this.sip.close();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}

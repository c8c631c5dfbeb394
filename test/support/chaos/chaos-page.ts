import type { GatewayBrowser } from '../gateway-browser.js';
import type { PeerMessage } from '../sip-peer-message.js';
import type { SeededRandom } from '../sip/seeded-random.js';
import { ChaosPhone } from './chaos-phone.js';
import { patiently } from './patience.js';

export interface ChaosPageOptions {
  user: string;
  random: SeededRandom;
  /** Opens a WebSocket; with `sentBy` as the page that was there before. */
  open(user: string, sentBy?: string): Promise<GatewayBrowser>;
  /** Whom it passes calls on to. */
  others: readonly string[];
}

/** A call of its own that is up. */
interface Up {
  offer: string;
  ok: PeerMessage;
  phone: ChaosPhone;
  over: Promise<void>;
}

/** A user's browser with a mind of its own: it calls, answers, holds, transfers, hangs up, and may lose its WebSocket at any moment. */
export class ChaosPage {
  readonly #options: ChaosPageOptions;
  readonly #phones = new Set<ChaosPhone>();
  /** INVITEs that ring here, by Call-ID. */
  readonly #ringing = new Map<string, PeerMessage>();
  /** Called when the other side hangs up. */
  readonly #over = new Map<string, () => void>();
  #browser: GatewayBrowser | undefined;
  /** All that it ever opened: two of its scripts may sign in at the same time. */
  readonly #sockets = new Set<GatewayBrowser>();
  /** It answers, and leaves it to the caller to hang up. */
  calm = false;

  constructor(options: ChaosPageOptions) {
    this.#options = options;
  }

  /** Opens a WebSocket and signs in, as a new page or as the one before. */
  async signIn(sentBy?: string): Promise<void> {
    const browser = await patiently(this.#options.open(this.#options.user, sentBy)).catch(
      () => undefined,
    );
    if (browser === undefined) return;
    this.#browser = browser;
    this.#sockets.add(browser);
    void this.#serve(browser);
    await patiently(browser.register());
  }

  /** The WebSocket breaks off; then the same page comes back, or it is loaded again, or nothing happens. */
  async vanish(): Promise<void> {
    const before = this.#browser;
    this.#browser = undefined;
    before?.vanish();
    if (before !== undefined) this.#sockets.delete(before);
    this.#ringing.clear();
    const what = this.#options.random.below(3);
    if (what > 0) await this.signIn(what === 1 ? before?.sentBy : undefined);
  }

  /** Calls a number or a user, and does something with the call if there is one. Resolves when it is over here. */
  async call(number: string): Promise<void> {
    const browser = this.#browser;
    if (browser === undefined) return this.signIn();
    const phone = this.#phone();
    try {
      const invite = await patiently(browser.invite(number, await phone.offer()));
      if (invite !== undefined) await this.#follow({ browser, invite, phone });
    } finally {
      this.#drop(phone);
    }
  }

  /** A call as it should be: it is answered, audio comes, and it hangs up. */
  async calmCall(number: string): Promise<void> {
    const browser = this.#browser;
    if (browser === undefined) throw new Error(`${this.#options.user} is not signed in`);
    const phone = this.#phone();
    const invite = await browser.invite(number, await phone.offer());
    const final = await this.#final(browser, invite);
    if (final.status !== 200) throw new Error(final.text);
    browser.callerRequest('ACK', final, { sequence: 2 });
    phone.take(final.body);
    await phone.heard(10);
    browser.callerRequest('BYE', final, { sequence: 3 });
    await browser.next(200, 'BYE');
    this.#drop(phone);
  }

  async close(): Promise<void> {
    for (const phone of this.#phones) this.#drop(phone);
    this.#browser = undefined;
    for (const browser of this.#sockets) await browser.close();
    this.#sockets.clear();
  }

  async #follow(call: {
    browser: GatewayBrowser;
    invite: PeerMessage;
    phone: ChaosPhone;
  }): Promise<void> {
    const { browser, invite, phone } = call;
    const { random } = this.#options;
    if (random.below(6) === 0) {
      browser.sameBranch('CANCEL', invite);
    }
    const final =
      (await patiently(this.#final(browser, invite))) ?? (await this.#giveUp(browser, invite));
    if (final === undefined) return;
    if (final.status !== 200) {
      browser.sameBranch('ACK', invite, final.require('To'));
      return;
    }
    browser.callerRequest('ACK', final, { sequence: 2 });
    phone.take(final.body);
    const over = new Promise<void>((resolve) => {
      this.#over.set(final.require('Call-ID'), resolve);
    });
    await this.#talk(browser, { offer: invite.body, ok: final, phone, over });
  }

  /** Its patience is over: CANCEL, and what comes of it. */
  #giveUp(browser: GatewayBrowser, invite: PeerMessage): Promise<PeerMessage | undefined> {
    browser.sameBranch('CANCEL', invite);
    return patiently(this.#final(browser, invite));
  }

  #final(browser: GatewayBrowser, invite: PeerMessage): Promise<PeerMessage> {
    const callId = invite.require('Call-ID');
    return browser.nextThat(
      (message) =>
        (message.status ?? 0) >= 200 &&
        message.about === 'INVITE' &&
        message.sequence === invite.sequence &&
        message.require('Call-ID') === callId,
    );
  }

  async #talk(browser: GatewayBrowser, up: Up): Promise<void> {
    const { random, others } = this.#options;
    const { ok, phone, over } = up;
    await patiently(phone.heard(1 + random.below(20)), over);
    const what = random.below(5);
    if (what === 0) await this.#hold(browser, up);
    else if (what === 1) {
      const headers = { 'Refer-To': `<sip:${random.pick(others)}@gateway.test>` };
      browser.callerRequest('REFER', ok, { sequence: 3, headers });
      await patiently(over);
    }
    if (random.below(3) === 0) await patiently(over);
    browser.callerRequest('BYE', ok, { sequence: 4 });
  }

  async #hold(browser: GatewayBrowser, { offer, ok, over }: Up): Promise<void> {
    const body = offer
      .replace('a=sendrecv', 'a=sendonly')
      .replace(
        /^(o=\S+ \S+ )(\d+)/m,
        (_, start: string, version: string) => `${start}${Number(version) + 1}`,
      );
    const reInvite = browser.callerRequest('INVITE', ok, { sequence: 3, body });
    const answer = await patiently(this.#final(browser, reInvite), over);
    if (answer?.status === 200) browser.callerRequest('ACK', answer, { sequence: 3 });
    else if (answer !== undefined) browser.sameBranch('ACK', reInvite, answer.require('To'));
  }

  async #serve(browser: GatewayBrowser): Promise<never> {
    for (;;) {
      const request = await browser.nextThat(({ method }) => method !== undefined);
      this.#onRequest(browser, request);
    }
  }

  #onRequest(browser: GatewayBrowser, request: PeerMessage): void {
    const callId = request.require('Call-ID');
    switch (request.method) {
      case 'ACK':
        return;
      case 'INVITE':
        void this.#onInvite(browser, request);
        return;
      case 'CANCEL': {
        const invite = this.#ringing.get(callId);
        this.#ringing.delete(callId);
        browser.reply(request, 200);
        if (invite !== undefined) browser.reply(invite, 487);
        return;
      }
      case 'BYE':
        this.#over.get(callId)?.();
        this.#over.delete(callId);
        browser.reply(request, 200);
        return;
      default:
        browser.reply(request, 200);
    }
  }

  async #onInvite(browser: GatewayBrowser, invite: PeerMessage): Promise<void> {
    const callId = invite.require('Call-ID');
    const { random } = this.#options;
    const isNew = invite.tag('To') === undefined;
    if (isNew) {
      this.#ringing.set(callId, invite);
      browser.reply(invite, 180);
      const fate = this.calm ? 7 : random.below(8);
      if (fate === 0) return;
      if (fate === 1) {
        this.#ringing.delete(callId);
        browser.reply(invite, random.pick([486, 603, 480]));
        return;
      }
    }
    const phone = this.#phone();
    const body = await (invite.body === '' ? phone.offer() : phone.answer(invite.body));
    if (isNew && !this.#ringing.delete(callId)) {
      this.#drop(phone);
      return;
    }
    const over = new Promise<void>((resolve) => {
      this.#over.set(callId, resolve);
    });
    browser.reply(invite, 200, { body });
    if (this.calm) await over;
    else await patiently(phone.heard(1 + random.below(20)), over);
    if (isNew && !this.calm && random.below(2) === 0)
      browser.calleeRequest('BYE', invite, { sequence: 1 });
    else await patiently(over);
    this.#drop(phone);
  }

  #phone(): ChaosPhone {
    const phone = new ChaosPhone();
    this.#phones.add(phone);
    return phone;
  }

  #drop(phone: ChaosPhone): void {
    if (this.#phones.delete(phone)) phone.close();
  }
}

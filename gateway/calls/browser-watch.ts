import type { Timer } from '../kernel/clock.js';
import type { LegName } from '../media/media-engine.js';
import { sameContact, type Device } from '../signaling/user-devices.js';
import type { BrowserParty } from './call-party.js';
import { endCall } from './end-call.js';
import { browserLost } from './end-reasons.js';
import { offerBack, type WatchedBrowser } from './offer-back.js';

/** A person needs longer to take a call up again than a page that does it by itself. */
const ANSWER_MS = 30_000;
/** A browser that is away, and sends nothing for so long, is not only without its WebSocket. */
const SILENCE_MS = 500;

/** Watches over the browsers of a call from now on, whoever takes a leg of it. */
export function watchBrowsers(options: Omit<WatchedBrowser, 'leg'>): void {
  const { call } = options;
  const watches: Partial<Record<LegName, BrowserWatch | undefined>> = {};
  call.onSeated = (leg) => {
    watches[leg]?.stop();
    watches[leg] = BrowserWatch.start({ ...options, leg });
  };
  for (const leg of ['caller', 'callee'] as const) call.onSeated(leg);
}

/**
 * Watches over the WebSocket of one browser of a call that is up.
 *
 *     attached ──WebSocket closed──▶ detached ──same contact registers──▶ attached
 *                                       │ ──new contact registers──▶ offered back ──200──▶ attached
 *                                       └──grace period over──▶ the call ends
 *
 * The same contact is the same page on a new WebSocket (Wi-Fi to LTE): its dialog goes on, and a re-INVITE of its own brings new ICE. A
 * new contact is a page that was loaded again, or another device that the user signed in on: it knows nothing of the
 * call and is sent an INVITE for the running one. Devices that were signed in before are left alone.
 */
class BrowserWatch {
  readonly #options: WatchedBrowser;
  readonly #party: BrowserParty;
  /** Contacts that were there when the call came up, or that have refused it since. */
  readonly #passed = new Set<string>();
  /** Registered since, while the call still had its browser: a page may be back before its old WebSocket is known to be dead. */
  #newest: Device | undefined;
  #offering: AbortController | undefined;
  readonly #stopped = new AbortController();
  #timer: Timer | undefined;

  private constructor(options: WatchedBrowser, party: BrowserParty) {
    this.#options = options;
    this.#party = party;
  }

  /** Undefined on a leg whose party is no browser. */
  static start(options: WatchedBrowser): BrowserWatch | undefined {
    const { call } = options;
    const party = call.partyOn(options.leg);
    if (party?.kind !== 'browser' || party.flow === undefined || call.isOver) return undefined;
    const watch = new BrowserWatch(options, party);
    call.inBackground(watch.#start());
    return watch;
  }

  /** Somebody else has taken the leg, or the call is over. */
  stop(): void {
    this.#stopped.abort();
    this.#timer?.cancel();
    this.#offering?.abort({ sipStatus: 487, sentence: 'The call goes on without this browser.' });
  }

  async #start(): Promise<void> {
    const { call, context } = this.#options;
    const { devices } = context;
    const unlisten = devices.onRegistered(this.#party.user, (device) => {
      this.#onRegistered(device);
    });
    const onOver = (): void => {
      this.#stopped.abort();
    };
    const { signal: over } = call.over;
    over.addEventListener('abort', onOver, { once: true });
    this.#stopped.signal.addEventListener('abort', () => {
      over.removeEventListener('abort', onOver);
      unlisten();
    });
    this.#watchFlow();
    for (const { contact, instance } of await devices.find(this.#party.user)) {
      this.#passed.add(contact);
      if (sameContact(contact, this.#party.contact)) this.#party.instance = instance;
    }
  }

  /** The call is over, or goes on without this browser. */
  get #left(): boolean {
    const { call, leg } = this.#options;
    return this.#stopped.signal.aborted || call.isOver || call.dialogs[leg] === undefined;
  }

  #watchFlow(): void {
    const { flow } = this.#party;
    if (flow === undefined) return;
    const onClosed = (): void => {
      if (this.#party.flow === flow) this.#detach();
    };
    flow.closed.addEventListener('abort', onClosed, { signal: this.#stopped.signal });
    if (flow.closed.aborted) onClosed();
  }

  #detach(): void {
    const { call, context, leg } = this.#options;
    const { websocketGraceMs } = context.timeouts;
    if (this.#left || call.detached.has(leg)) return;
    call.log.info({ leg, graceMs: websocketGraceMs }, 'the WebSocket of the browser was lost');
    if (websocketGraceMs <= 0) {
      this.#lost(0);
      return;
    }
    call.detach(leg);
    this.#listen();
    this.#wait(websocketGraceMs);
    const newest = this.#newest;
    if (newest !== undefined && !newest.flow.closed.aborted) this.#offer(newest);
  }

  #wait(waitMs: number): void {
    const { call, leg } = this.#options;
    this.#timer?.cancel();
    this.#timer = call.setTimer(() => {
      if (!this.#left && call.detached.has(leg)) this.#lost(waitMs);
    }, waitMs);
  }

  #lost(waitedMs: number): void {
    const { call, leg, letGo } = this.#options;
    const reason = browserLost(waitedMs);
    if (!letGo(leg, reason)) endCall(call, reason);
  }

  #onRegistered(device: Device): void {
    const { call, leg } = this.#options;
    if (this.#left || device.flow === this.#party.flow) return;
    if (sameContact(device.contact, this.#party.contact)) this.#resume(device);
    else if (this.#isNew(device)) {
      this.#newest = device;
      if (call.detached.has(leg)) this.#offer(device);
    }
  }

  #isNew({ contact, instance }: Device): boolean {
    const { instance: own } = this.#party;
    const other = instance !== undefined && own !== undefined && instance !== own;
    return !other && !this.#passed.has(contact);
  }

  /** The page never went away; its dialog leads over the new WebSocket from now on. */
  #resume(device: Device): void {
    this.#offering?.abort({ sipStatus: 200, sentence: 'Call completed elsewhere' });
    this.#attach(device);
  }

  #attach(device: Device): void {
    const { call, leg } = this.#options;
    this.#party.flow = device.flow;
    this.#party.contact = device.contact;
    this.#party.instance = device.instance;
    this.#timer?.cancel();
    this.#newest = undefined;
    if (call.attach(leg)) {
      call.log.info({ leg }, 'the browser is back');
      call.inBackground(this.#options.music.setAway(leg, false));
    }
    this.#watchFlow();
  }

  #offer(device: Device): void {
    if (this.#offering !== undefined) return;
    const { call, context } = this.#options;
    const offering = new AbortController();
    this.#offering = offering;
    this.#wait(Math.max(ANSWER_MS, context.timeouts.websocketGraceMs));
    const offered = offerBack({ ...this.#options, device, signal: offering.signal });
    call.inBackground(
      offered.then((result) => {
        this.#offering = undefined;
        if (call.isOver) return;
        if (result === 'answered') this.#attach(device);
        else if (result !== 'cancelled') this.#notTaken(device, result);
      }),
    );
  }

  #notTaken(device: Device, result: 'refused' | 'gone'): void {
    const { call, context, leg } = this.#options;
    if (result === 'refused') this.#passed.add(device.contact);
    if (this.#newest === device) this.#newest = undefined;
    if (call.detached.has(leg)) this.#wait(context.timeouts.websocketGraceMs);
  }

  /** Whoever waits on the other leg hears music or noise as soon as, and as long as, the browser cannot be heard. */
  #listen(before?: number): void {
    const { call, leg, music } = this.#options;
    const heard = call.media?.statistics().then((counters) => counters[leg].packetsReceived);
    if (heard === undefined) return;
    call.inBackground(
      heard.then(
        async (received) => {
          if (this.#left || !call.detached.has(leg)) return;
          call.setTimer(() => {
            if (call.detached.has(leg)) this.#listen(received);
          }, SILENCE_MS);
          if (before !== undefined) await music.setAway(leg, received === before);
        },
        () => undefined,
      ),
    );
  }
}

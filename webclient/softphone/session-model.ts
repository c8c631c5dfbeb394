import { createPhone } from '../phone/phone.js';
import type { Call, ConnectionState, Phone, RegistrationState } from '../phone/phone-types.js';
import type { Account } from './account.js';
import { AccountVault } from './account-vault.js';
import { browserInstanceId } from './browser-instance.js';
import { CallDesk } from './call-desk.js';
import type { CallLine } from './call-line.js';
import { iceServersFor, type GatewayOffer } from './gateway-offer.js';
import { keepCalls, keptCallOf, takeKeptCalls, type KeptCall } from './kept-calls.js';
import { PersonalModel } from './personal-model.js';
import { rememberUser } from './remembered-user.js';
import type { SharedCommand, SharedState } from './shared-state.js';
import { keptOf, shareDesk } from './share-desk.js';
import { TabLink } from './tab-link.js';
import { TabOwner, type Ownership } from './tab-owner.js';

export interface ModelOptions {
  /** Codecs to offer; empty: the browser's own choice. */
  codecs: readonly string[];
  iceTransportPolicy: RTCIceTransportPolicy;
}

/** One on the screen, one on hold or ringing. */
export const MAX_CALLS = 2;

/** Who is signed in, which tab is the phone, and its connection. */
export abstract class SessionModel extends PersonalModel {
  gateway: GatewayOffer = { iceServers: [] };
  /** A sentence above the sign-in form. */
  notice = '';
  account: Account | undefined;
  phone: Phone | undefined;
  /** Whether this tab is the phone, or another one. */
  ownership: Ownership = 'owner';
  /** What the other tab tells, while that one is the phone. */
  remote: SharedState | undefined;
  readonly desk = new CallDesk({
    onChange: () => {
      this.changed();
    },
    onEnded: (line, answered) => {
      this.callEnded(line, answered);
    },
    onRinging: (call) => {
      this.callRings(call);
    },
  });
  readonly #options: ModelOptions;
  readonly #vault = new AccountVault();
  #owner: TabOwner | undefined;
  #link: TabLink | undefined;
  /** Of the page before a reload, or of the tab that was the phone. */
  #kept: readonly KeptCall[] = [];
  /** False until the account registered once: until then the sign-in form stays. */
  #admitted = false;

  constructor(options: ModelOptions) {
    super();
    this.#options = options;
    this.on('change', () => {
      if (this.ownership === 'owner') this.#link?.tell();
    });
  }

  protected abstract callEnded(line: CallLine, answered: boolean): void;
  protected abstract callRings(call: Call): void;
  protected abstract obey(command: SharedCommand, line: CallLine): void;

  get signedIn(): boolean {
    return this.#admitted && this.phone !== undefined;
  }

  get connection(): ConnectionState {
    return this.phone?.connection ?? { name: 'disconnected' };
  }

  get registration(): RegistrationState {
    return this.phone?.registration ?? { name: 'unregistered' };
  }

  /** What this browser, the network or the list of numbers calls the other side, in this order. */
  abstract nameOf(call: Pick<Call, 'remote'>): string;

  signIn(account: Account): void {
    this.phone?.disconnect();
    this.#release();
    this.account = account;
    this.notice = '';
    this.ownership = 'owner';
    this.#kept = takeKeptCalls(Date.now());
    const name = `${account.user}@${account.domain}`;
    this.#link = this.#linkTabs(name);
    const owner = new TabOwner(name, (ownership) => {
      if (owner === this.#owner) this.#ownershipChanged(ownership, account);
    });
    this.#owner = owner;
    owner.claim();
    this.changed();
  }

  /** Makes this tab the phone. */
  takeOver(): void {
    this.#owner?.takeOver();
  }

  /** Asks the tab that is the phone. */
  askOther(command: SharedCommand, line: number): void {
    this.#link?.command(command, line);
  }

  signOut(): void {
    this.#release();
    this.#vault.forget();
    this.phone?.disconnect();
    this.#forget();
    this.changed();
  }

  /**
   * The page goes away. Browsers do not tell a reload from a closed tab, so both are the same: calls that are up wait at the server for
   * whoever comes back, and end there when nobody does. What is not up ends here.
   */
  leavePage(): void {
    const { phone } = this;
    if (phone === undefined) return;
    const up = keptOf(this.desk);
    const now = Date.now();
    this.#owner?.leaving(now);
    if (up.length > 0) {
      keepCalls(up, now);
      this.#vault.keep(now);
    }
    for (const call of phone.calls)
      if (call.state.name !== 'in-call' && call.direction === 'outgoing') call.hangUp();
    // Somebody who calls rings on at the other devices: hanging up here would decline for all of them.
    if (phone.calls.length > 0) phone.suspend();
    else phone.disconnect();
  }

  #linkTabs(account: string): TabLink {
    return new TabLink(account, {
      state: () =>
        this.ownership === 'owner' && this.phone !== undefined ? shareDesk(this) : undefined,
      onState: (state) => {
        if (this.ownership === 'owner') return;
        this.remote = state;
        this.changed();
      },
      onCommand: (command, id) => {
        const line = this.desk.lines.find((one) => one.id === id);
        if (line !== undefined) this.obey(command, line);
      },
    });
  }

  #release(): void {
    this.#owner?.release();
    this.#owner = undefined;
    this.#link?.close();
    this.#link = undefined;
    this.remote = undefined;
  }

  #ownershipChanged(ownership: Ownership, account: Account): void {
    this.ownership = ownership;
    if (ownership === 'owner') {
      if (this.remote !== undefined) this.#kept = keptOf(this.remote);
      this.remote = undefined;
      this.#connect(account);
    } else {
      this.#handOver();
      this.#link?.ask();
    }
    this.changed();
  }

  /** To another tab: calls go on there, so nobody is told goodbye. */
  #handOver(): void {
    const { phone } = this;
    this.#forget();
    if (phone === undefined) return;
    phone.suspend();
    // Ends them here only, now that nothing can be sent: microphone and audio are closed.
    for (const call of phone.calls) call.hangUp();
  }

  #connect(account: Account): void {
    const instanceId = browserInstanceId();
    const phone = createPhone({
      ...{ ...account, ...this.#options, iceServers: iceServersFor(account, this.gateway) },
      ...{ maxCalls: MAX_CALLS, microphone: this.microphone },
      ...(instanceId === undefined ? {} : { instanceId }),
    });
    this.phone = phone;
    phone.on('connection', () => {
      this.changed();
    });
    phone.on('registration', (state) => {
      this.#registrationChanged(phone, state);
    });
    phone.on('incoming', (call) => {
      this.desk.add(call);
    });
    phone.on('call', (call) => {
      // One that goes on comes in as a call that is taken up at once.
      this.desk.add(call, call.direction === 'incoming' ? this.#takeKept(call) : undefined);
    });
    phone.connect();
  }

  #takeKept({ number }: Call): KeptCall | undefined {
    const kept = keptCallOf(number, this.#kept);
    this.#kept = this.#kept.filter((other) => other !== kept);
    return kept;
  }

  #forget(): void {
    this.phone = undefined;
    this.desk.clear();
    this.#admitted = false;
  }

  #registrationChanged(phone: Phone, state: RegistrationState): void {
    if (phone !== this.phone) return;
    if (state.name === 'registered' && !this.#admitted) {
      this.#admitted = true;
      if (this.account !== undefined) {
        rememberUser(this.account.user);
        void this.#vault.seal(this.account);
      }
    }
    // A password that was wrong stays wrong: back to the form instead of asking the server again.
    if (state.name === 'refused' && state.final) {
      phone.disconnect();
      this.#release();
      this.#forget();
      this.notice = state.failure.sentence;
    }
    this.changed();
  }
}

import { isActive, type CallState } from '../phone/call-state.js';
import { createPhone } from '../phone/phone.js';
import type { Call, ConnectionState, Phone, RegistrationState } from '../phone/phone-types.js';
import { CallDesk } from './call-desk.js';
import type { CallLine } from './call-line.js';
import { showNotification } from './caller-notice.js';
import type { DemoNumber } from './client-config.js';
import { cleanNumber } from './dial-string.js';
import { PersonalModel } from './personal-model.js';
import { rememberUser } from './remembered-user.js';
import { TabOwner, type Ownership } from './tab-owner.js';

export interface Account {
  server: string;
  domain: string;
  user: string;
  password: string;
}

export interface ModelOptions {
  /** Codecs to offer; empty: the browser's own choice. */
  codecs: readonly string[];
}

/** One on the screen, one on hold or ringing. */
const MAX_CALLS = 2;

/** What the page shows, and everything a person can do on it. Components read it and render on `change`. */
export class SoftphoneModel extends PersonalModel {
  iceServers: RTCIceServer[] = [];
  numbers: readonly DemoNumber[] = [];
  /** True until the settings of the server are known. */
  loading = true;
  /** A sentence above the sign-in form. */
  notice = '';
  number = '';
  lettersShown = false;
  account: Account | undefined;
  phone: Phone | undefined;
  /** Whether this tab is the phone, or another one. */
  ownership: Ownership = 'owner';
  readonly desk = new CallDesk({
    onChange: () => {
      this.changed();
    },
    onEnded: (call, answered) => {
      this.#ended(call, answered);
    },
    onRinging: (call) => {
      this.#ringing(call);
    },
  });
  readonly #options: ModelOptions;
  #owner: TabOwner | undefined;
  #closeNotification: () => void = () => undefined;
  /** The number in the field was called: the next key starts a new one. */
  #called = false;
  /** False until the account registered once: until then the sign-in form stays. */
  #admitted = false;

  constructor(options: ModelOptions) {
    super();
    this.#options = options;
    this.usePreferences();
  }

  get signedIn(): boolean {
    return this.#admitted && this.phone !== undefined;
  }

  get connection(): ConnectionState {
    return this.phone?.connection ?? { name: 'disconnected' };
  }

  get registration(): RegistrationState {
    return this.phone?.registration ?? { name: 'unregistered' };
  }

  /** The call on the screen. */
  get line(): CallLine | undefined {
    return this.desk.shown;
  }

  get call(): Call | undefined {
    return this.desk.shown?.call;
  }

  get callState(): CallState {
    return this.call?.state ?? { name: 'idle' };
  }

  /** A call is on the screen, not the dial pad. */
  get inCall(): boolean {
    return isActive(this.callState) && !this.desk.adding;
  }

  get canCall(): boolean {
    const room = this.desk.lines.length < MAX_CALLS;
    return this.registration.name === 'registered' && this.number !== '' && room;
  }

  /** 0 to 1. */
  get remoteLevel(): number {
    return this.desk.player.level();
  }

  /** What is known of the other side besides the number: its own name, or what the list of numbers says. */
  nameOf({ remote }: Call): string {
    const listed = this.numbers.find(({ number }) => number === remote.number)?.label;
    return remote.displayName ?? listed ?? '';
  }

  /** Applies changes that come from outside, such as loaded settings. */
  update(change: (model: this) => void): void {
    change(this);
    this.changed();
  }

  signIn(account: Account): void {
    this.phone?.disconnect();
    this.#owner?.release();
    this.account = account;
    this.notice = '';
    this.ownership = 'owner';
    const owner = new TabOwner(`${account.user}@${account.domain}`, (ownership) => {
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

  signOut(): void {
    this.#owner?.release();
    this.#owner = undefined;
    this.#leave();
    this.changed();
  }

  setNumber(text: string): void {
    this.number = cleanNumber(text);
    this.#called = false;
    this.changed();
  }

  /** A key of the keypad or the keyboard: dials while idle, sends a digit in a call. */
  press(key: string): void {
    if (this.inCall) this.call?.sendDigits(key);
    else this.setNumber((this.#called ? '' : this.number) + key);
  }

  backspace(): void {
    this.setNumber(this.number.slice(0, -1));
  }

  /** Calls; a call that is up is put on hold for it. */
  dial(number = this.number): void {
    this.number = cleanNumber(number);
    if (!this.canCall || this.phone === undefined || this.inCall) return;
    if (isActive(this.callState)) {
      void this.desk.holdShown().then(() => {
        if (this.canCall) this.#place();
      });
    } else this.#place();
  }

  answer(): void {
    const { ringing } = this.desk;
    if (ringing !== undefined) void this.desk.answer(ringing);
  }

  decline(): void {
    this.desk.ringing?.call.reject();
  }

  hangUp(): void {
    this.call?.hangUp();
  }

  /** Shows the dial pad for a second call, or the call again. */
  addCall(adding: boolean): void {
    this.desk.adding = adding;
    this.number = '';
    this.changed();
  }

  /** Hands the call on the screen to a number. */
  transfer(number: string): void {
    const target = cleanNumber(number);
    if (target !== '') void this.desk.transfer(target);
  }

  toggleMute(): void {
    this.call?.setMuted(!this.call.muted);
  }

  toggleHold(): void {
    const { line } = this;
    if (line !== undefined) void this.desk.setHeld(line, !line.call.held);
  }

  toggleLetters(): void {
    this.lettersShown = !this.lettersShown;
    this.changed();
  }

  protected override usePreferences(): void {
    const { speaker, ringer } = this.preferences;
    void this.desk.player.useSpeaker(speaker);
    this.desk.ringtone.device = ringer;
  }

  protected override async useMicrophone(constraints: MediaTrackConstraints): Promise<void> {
    await this.phone?.useMicrophone(constraints);
  }

  #place(): void {
    this.#called = true;
    this.phone?.call(this.number);
  }

  #ownershipChanged(ownership: Ownership, account: Account): void {
    this.ownership = ownership;
    if (ownership === 'owner') this.#connect(account);
    else this.#leave();
    this.changed();
  }

  #connect(account: Account): void {
    const phone = createPhone({
      ...{ ...account, iceServers: this.iceServers, codecs: this.#options.codecs },
      ...{ maxCalls: MAX_CALLS, microphone: this.microphone },
    });
    this.phone = phone;
    phone.on('connection', () => {
      this.changed();
    });
    phone.on('registration', (state) => {
      this.#registrationChanged(phone, state);
    });
    for (const event of ['call', 'incoming'] as const)
      phone.on(event, (call) => {
        this.desk.add(call);
      });
    phone.connect();
  }

  #leave(): void {
    this.phone?.disconnect();
    this.phone = undefined;
    this.desk.clear();
    this.#admitted = false;
  }

  #ringing(call: Call): void {
    const who = this.nameOf(call) || call.number || this.messages.incoming.unknown;
    this.#closeNotification = document.hidden
      ? showNotification(this.messages.incoming.notification(who), () => {
          this.changed();
        })
      : () => undefined;
    call.on('state', () => {
      this.#closeNotification();
    });
  }

  #ended(call: Call, answered: boolean): void {
    this.lettersShown = false;
    if (call.number === '') return;
    const incoming = answered ? 'incoming' : 'missed';
    const how = call.direction === 'outgoing' ? 'outgoing' : incoming;
    const name = call.remote.displayName;
    const entry = { number: call.number, how, at: Date.now() } as const;
    this.remember(name === undefined ? entry : { ...entry, name });
  }

  #registrationChanged(phone: Phone, state: RegistrationState): void {
    if (phone !== this.phone) return;
    if (state.name === 'registered' && !this.#admitted) {
      this.#admitted = true;
      if (this.account !== undefined) rememberUser(this.account.user);
    }
    // A password that was wrong stays wrong: back to the form instead of asking the server again.
    if (state.name === 'refused' && state.final) {
      phone.disconnect();
      this.#owner?.release();
      this.#admitted = false;
      this.notice = state.failure.sentence;
      this.phone = undefined;
    }
    this.changed();
  }
}

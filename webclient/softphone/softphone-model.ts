import { hasMedia, type CallState } from '../phone/call-state.js';
import type { DigitProgress } from '../phone/digit-queue.js';
import { createPhone } from '../phone/phone.js';
import type { Call, ConnectionState, Phone, RegistrationState } from '../phone/phone-types.js';
import { TypedEvents } from '../phone/typed-events.js';
import type { DemoNumber } from './client-config.js';
import { cleanNumber } from './dial-string.js';
import { rememberUser } from './remembered-user.js';
import { RemotePlayer } from './remote-player.js';
import { Ringback } from './ringback.js';

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

/** What the page shows, and everything a person can do on it. Components read it and render on `change`. */
export class SoftphoneModel extends TypedEvents<{ change: undefined }> {
  iceServers: RTCIceServer[] = [];
  numbers: readonly DemoNumber[] = [];
  /** True until the settings of the server are known. */
  loading = true;
  /** A sentence above the sign-in form. */
  notice = '';
  playbackBlocked = false;
  number = '';
  /** Digits of the current call, in the order they were pressed. */
  digits: DigitProgress[] = [];
  /** Digits the other side sent. */
  received = '';
  lettersShown = false;
  account: Account | undefined;
  phone: Phone | undefined;
  call: Call | undefined;
  readonly #options: ModelOptions;
  readonly #ringback = new Ringback();
  readonly #player = new RemotePlayer(() => {
    this.playbackBlocked = true;
    this.#changed();
  });
  /** The number in the field was called: the next key starts a new one. */
  #called = false;
  /** False until the account registered once: until then the sign-in form stays. */
  #admitted = false;

  constructor(options: ModelOptions) {
    super();
    this.#options = options;
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

  get callState(): CallState {
    return this.call?.state ?? { name: 'idle' };
  }

  /** What the list of numbers says about the number of the current call, if it is on it. */
  get callLabel(): string {
    return this.numbers.find(({ number }) => number === this.call?.number)?.label ?? '';
  }

  get canCall(): boolean {
    return this.registration.name === 'registered' && this.number !== '';
  }

  /** 0 to 1. */
  get remoteLevel(): number {
    return this.#player.level();
  }

  /** Applies changes that come from outside, such as loaded settings. */
  update(change: (model: this) => void): void {
    change(this);
    this.#changed();
  }

  signIn(account: Account): void {
    this.phone?.disconnect();
    this.account = account;
    this.notice = '';
    const phone = createPhone({
      ...account,
      iceServers: this.iceServers,
      codecs: this.#options.codecs,
    });
    this.phone = phone;
    phone.on('connection', () => {
      this.#changed();
    });
    phone.on('registration', (state) => {
      this.#registrationChanged(phone, state);
    });
    phone.connect();
    this.#changed();
  }

  signOut(): void {
    this.phone?.disconnect();
    this.phone = undefined;
    this.call = undefined;
    this.#admitted = false;
    this.#changed();
  }

  setNumber(text: string): void {
    this.number = cleanNumber(text);
    this.#called = false;
    this.#changed();
  }

  /** A key of the keypad or the keyboard: dials while idle, sends a digit in a call. */
  press(key: string): void {
    if (this.phone?.activeCall !== undefined) this.call?.sendDigits(key);
    else this.setNumber((this.#called ? '' : this.number) + key);
  }

  backspace(): void {
    this.setNumber(this.number.slice(0, -1));
  }

  dial(number = this.number): void {
    this.number = cleanNumber(number);
    if (!this.canCall || this.phone === undefined || this.phone.activeCall !== undefined) return;
    this.digits = [];
    this.received = '';
    this.#called = true;
    const off = this.phone.on('call', (call) => {
      this.#follow(call);
    });
    this.phone.call(this.number);
    off();
  }

  hangUp(): void {
    this.call?.hangUp();
  }

  toggleMute(): void {
    this.call?.setMuted(!this.call.muted);
  }

  toggleLetters(): void {
    this.lettersShown = !this.lettersShown;
    this.#changed();
  }

  #follow(call: Call): void {
    this.call = call;
    call.on('state', (state) => {
      this.#callChanged(state);
    });
    call.on('muted', () => {
      this.#changed();
    });
    call.on('remote-audio', (stream) => {
      this.#player.play(stream);
    });
    call.on('digit', (progress) => {
      this.digits = [...this.digits];
      this.digits[progress.id - 1] = progress;
      this.#changed();
    });
    call.on('incoming-digit', ({ digit }) => {
      this.received += digit;
      this.#changed();
    });
  }

  #callChanged(state: CallState): void {
    if (state.name === 'ringing') this.#ringback.start();
    else this.#ringback.stop();
    if (state.name === 'ended') {
      this.#player.stop();
      this.playbackBlocked = false;
    }
    if (!hasMedia(state)) this.lettersShown = false;
    this.#changed();
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
      this.#admitted = false;
      this.notice = state.failure.sentence;
      this.phone = undefined;
    }
    this.#changed();
  }

  #changed(): void {
    this.emit('change', undefined);
  }
}

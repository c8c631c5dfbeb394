import { isActive, type CallState } from '../phone/call-state.js';
import type { Call } from '../phone/phone-types.js';
import type { CallLine } from './call-line.js';
import { showNotification } from './caller-notice.js';
import type { DemoNumber } from './client-config.js';
import { cleanEntry, isDialable, isNumber } from './number-entry.js';
import { MAX_CALLS, SessionModel, type ModelOptions } from './session-model.js';
import type { SharedCommand } from './shared-state.js';

/** What the page shows, and everything a person can do on it. Components read it and render on `change`. */
export class SoftphoneModel extends SessionModel {
  numbers: readonly DemoNumber[] = [];
  /** True until the settings of the server are known. */
  loading = true;
  /** What stands in the number field, unformatted: a number, or the beginning of a name. */
  number = '';
  lettersShown = false;
  #closeNotification: () => void = () => undefined;
  /** The number in the field was called: the next key starts a new one. */
  #called = false;

  constructor(options: ModelOptions) {
    super(options);
    this.usePreferences();
  }

  /** The call on the screen. */
  get line(): CallLine | undefined {
    return this.desk.shown;
  }

  get call(): Call | undefined {
    return this.desk.shown?.call;
  }

  get callState(): CallState {
    return this.desk.shown?.state ?? { name: 'idle' };
  }

  /** A call is on the screen, not the dial pad. */
  get inCall(): boolean {
    return isActive(this.callState) && !this.desk.adding;
  }

  /** A call can be placed, if there is something to call. */
  get ready(): boolean {
    const room = this.desk.lines.length < MAX_CALLS;
    return this.registration.name === 'registered' && room && !this.inCall;
  }

  get canCall(): boolean {
    return this.ready && isDialable(this.number);
  }

  /** 0 to 1. */
  get remoteLevel(): number {
    return this.desk.player.level();
  }

  override nameOf({ remote }: Pick<Call, 'remote'>): string {
    const listed = this.numbers.find(({ number }) => number === remote.number)?.label;
    return this.book.nameOf(remote.number) ?? remote.displayName ?? listed ?? '';
  }

  /** Applies changes that come from outside, such as loaded settings. */
  update(change: (model: this) => void): void {
    change(this);
    this.changed();
  }

  setNumber(text: string): void {
    this.number = cleanEntry(text);
    this.#called = false;
    this.changed();
  }

  /** A key of the keypad or the keyboard: dials while idle, sends a digit in a call. */
  press(key: string): void {
    if (this.inCall) this.call?.sendDigits(key);
    else this.setNumber((this.#called || !isNumber(this.number) ? '' : this.number) + key);
  }

  backspace(): void {
    this.setNumber(this.number.slice(0, -1));
  }

  /** Calls; a call that is up is put on hold for it. */
  dial(number = this.number): void {
    this.number = cleanEntry(number).trim();
    this.changed();
    if (!this.canCall || this.phone === undefined) return;
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
    const target = cleanEntry(number).trim();
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

  protected override obey(command: SharedCommand, line: CallLine): void {
    const { call } = line;
    if (command === 'answer') void this.desk.answer(line);
    else if (command === 'decline') call.reject();
    else if (command === 'hang-up') call.hangUp();
    else if (command === 'mute') call.setMuted(!call.muted);
    else void this.desk.setHeld(line, !call.held);
  }

  protected override callRings(call: Call): void {
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

  protected override callEnded({ call, direction }: CallLine, answered: boolean): void {
    this.lettersShown = false;
    if (call.number === '') return;
    const incoming = answered ? 'incoming' : 'missed';
    const how = direction === 'outgoing' ? 'outgoing' : incoming;
    const name = call.remote.displayName;
    const entry = { number: call.number, how, at: Date.now() } as const;
    this.book.remember(name === undefined ? entry : { ...entry, name });
  }

  #place(): void {
    this.#called = true;
    this.phone?.call(this.number);
  }
}

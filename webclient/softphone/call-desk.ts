import { isActive, type CallState } from '../phone/call-state.js';
import { PhoneError } from '../phone/failure.js';
import type { Call } from '../phone/phone-types.js';
import { CallLine } from './call-line.js';
import type { KeptCall } from './kept-calls.js';
import { RemotePlayer } from './remote-player.js';
import { Ringback } from '../phone/ringback.js';
import { Ringtone } from './ringtone.js';

export interface CallDeskEvents {
  onChange: () => void;
  /** A call is over. */
  onEnded: (line: CallLine, answered: boolean) => void;
  /** Somebody calls. */
  onRinging: (call: Call) => void;
}

/** Up to two calls, one of them on the screen and in the ear; the other one on hold, or ringing. */
export class CallDesk {
  lines: readonly CallLine[] = [];
  /** The call on the screen: running, or the last one that ended. */
  shown: CallLine | undefined;
  /** The person looks for a number for a second call. */
  adding = false;
  playbackBlocked = false;
  readonly ringtone = new Ringtone();
  readonly player: RemotePlayer;
  readonly #events: CallDeskEvents;
  readonly #ringback = new Ringback();

  constructor(events: CallDeskEvents) {
    this.#events = events;
    this.player = new RemotePlayer(() => {
      this.playbackBlocked = true;
      events.onChange();
    });
  }

  /** The call that is not on the screen. */
  get other(): CallLine | undefined {
    return this.lines.find((line) => line !== this.shown);
  }

  /** A call that waits to be answered. */
  get ringing(): CallLine | undefined {
    return this.lines.find(({ call }) => call.state.name === 'incoming');
  }

  /** `before`: what was known of a call that goes on in this page. */
  add(call: Call, before?: KeptCall): void {
    const line = new CallLine(call, this.#events.onChange, before);
    this.lines = [...this.lines, line];
    const busy = this.shown !== undefined && isActive(this.shown.call.state);
    if (call.direction === 'outgoing' || !busy) this.#show(line);
    let answered = false;
    call.on('state', (state) => {
      // Whoever was forgotten is nobody's business any more.
      if (!this.lines.includes(line)) return;
      answered ||= state.name === 'in-call';
      if (state.name === 'in-call' && line.wasHeld) void this.setHeld(line, true);
      this.#stateChanged(line, state);
      if (state.name === 'ended') this.#events.onEnded(line, answered);
      this.#events.onChange();
    });
    call.on('remote-audio', () => {
      this.#listen();
    });
    if (call.state.name === 'incoming') {
      this.#ring();
      this.#events.onRinging(call);
    }
    this.#events.onChange();
  }

  /** Answers; what was on is put on hold first. */
  async answer(line: CallLine): Promise<void> {
    await this.holdShown();
    this.#show(line);
    line.call.answer();
  }

  /** Makes room for another call. */
  async holdShown(): Promise<void> {
    const { shown } = this;
    if (shown?.call.state.name === 'in-call' && !shown.call.held) await this.setHeld(shown, true);
  }

  async setHeld(line: CallLine, held: boolean): Promise<void> {
    line.problem = '';
    // Two people are never heard at once.
    if (!held) await this.#holdAllBut(line);
    try {
      await line.call.setHeld(held);
    } catch (thrown) {
      line.problem = thrown instanceof PhoneError ? thrown.failure.sentence : String(thrown);
    }
    this.#events.onChange();
  }

  async swap(): Promise<void> {
    const { other } = this;
    if (other === undefined || other.call.state.name === 'incoming') return;
    this.#show(other);
    await this.setHeld(other, false);
  }

  /** Hands the call on the screen to a number, or to the party of the other call. */
  async transfer(target: string | CallLine): Promise<void> {
    const line = this.shown;
    if (line === undefined || line.transferring) return;
    line.transferring = true;
    line.problem = '';
    this.#events.onChange();
    try {
      if (typeof target === 'string') await line.call.transfer(target);
      else await line.call.transferTo(target.call);
    } catch (thrown) {
      line.problem = thrown instanceof PhoneError ? thrown.failure.sentence : String(thrown);
    }
    line.transferring = false;
    this.#events.onChange();
  }

  /** Forgets everything, such as after a sign-out. */
  clear(): void {
    this.lines = [];
    this.shown = undefined;
    this.adding = false;
    this.#ringback.stop();
    this.ringtone.stop();
    this.player.stop();
  }

  async #holdAllBut(line: CallLine): Promise<void> {
    for (const { call } of this.lines)
      if (call !== line.call && call.state.name === 'in-call' && !call.held)
        await call.setHeld(true).catch(() => undefined);
  }

  #show(line: CallLine): void {
    this.shown = line;
    this.adding = false;
    this.#listen();
  }

  #stateChanged(line: CallLine, { name }: CallState): void {
    if (name === 'ended') {
      this.lines = this.lines.filter((other) => other !== line);
      const [left] = this.lines;
      if (line === this.shown && left !== undefined) this.#show(left);
      this.#listen();
    }
    if (this.shown?.call.state.name === 'ringing') this.#ringback.start();
    else this.#ringback.stop();
    this.#ring();
  }

  #ring(): void {
    if (this.ringing === undefined) this.ringtone.stop();
    else this.ringtone.start(this.lines.length > 1 ? 'quiet' : 'loud');
  }

  /** Plays the call on the screen. */
  #listen(): void {
    const call = this.shown?.call;
    const stream = call !== undefined && isActive(call.state) ? call.remoteAudio : undefined;
    if (stream !== undefined) {
      this.player.play(stream);
      return;
    }
    this.player.stop();
    this.playbackBlocked = false;
  }
}

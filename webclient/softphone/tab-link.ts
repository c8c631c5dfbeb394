import {
  parseShared,
  SHARED_VERSION,
  type SharedCommand,
  type SharedMessage,
  type SharedState,
} from './shared-state.js';

export interface TabLinkEvents {
  /** Another tab is the phone, and this is how it is. */
  onState: (state: SharedState) => void;
  onCommand: (command: SharedCommand, line: number) => void;
  /** What this tab tells as the phone; undefined while it is not. */
  state: () => SharedState | undefined;
}

/** Connects the tabs of one account: the phone tells how it is, the others ask for what their buttons say. */
export class TabLink {
  readonly #channel: BroadcastChannel;
  readonly #events: TabLinkEvents;
  #told = false;

  constructor(account: string, events: TabLinkEvents) {
    this.#events = events;
    this.#channel = new BroadcastChannel(`copperline.phone ${account}`);
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      const message = parseShared(data);
      if (message !== undefined) this.#received(message);
    };
  }

  /** Asks the phone to tell how it is. */
  ask(): void {
    this.#send({ version: SHARED_VERSION, kind: 'ask' });
  }

  command(command: SharedCommand, line: number): void {
    this.#send({ version: SHARED_VERSION, kind: 'command', command, line });
  }

  /** Tells how it is, once for all changes of this turn. */
  tell(): void {
    if (this.#told) return;
    this.#told = true;
    // Not a timer: the phone is mostly the tab behind, where timers are throttled.
    queueMicrotask(() => {
      this.#told = false;
      const state = this.#events.state();
      if (state !== undefined) this.#send({ version: SHARED_VERSION, kind: 'state', state });
    });
  }

  close(): void {
    this.#channel.close();
  }

  #send(message: SharedMessage): void {
    try {
      this.#channel.postMessage(message);
    } catch {
      // Closed in the same turn.
    }
  }

  #received(message: SharedMessage): void {
    if (message.kind === 'ask') this.tell();
    else if (message.kind === 'state') this.#events.onState(message.state);
    else if (this.#events.state() !== undefined)
      this.#events.onCommand(message.command, message.line);
  }
}

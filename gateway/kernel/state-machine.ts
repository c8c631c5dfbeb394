/** Thrown on a move that the transition table does not allow: always a bug of ours. */
export class IllegalTransitionError extends Error {
  constructor(machine: string, from: string, to: string) {
    super(`${machine}: illegal transition ${from} -> ${to}`);
    this.name = 'IllegalTransitionError';
  }
}

export interface StateMachineOptions<State extends string> {
  /** For error texts: `call`, `invite-server-transaction`. */
  name: string;
  initial: State;
  /** Each state with the states that may follow it. */
  transitions: Readonly<Record<State, readonly State[]>>;
  onChange?: (to: State, from: State) => void;
}

/** Every state change of an object goes through {@link StateMachine.transition}. */
export class StateMachine<State extends string> {
  #state: State;
  readonly #options: StateMachineOptions<State>;

  constructor(options: StateMachineOptions<State>) {
    this.#state = options.initial;
    this.#options = options;
  }

  get state(): State {
    return this.#state;
  }

  is(...states: readonly State[]): boolean {
    return states.includes(this.#state);
  }

  can(to: State): boolean {
    return this.#options.transitions[this.#state].includes(to);
  }

  /** @throws IllegalTransitionError */
  transition(to: State): void {
    if (!this.can(to)) throw new IllegalTransitionError(this.#options.name, this.#state, to);
    const from = this.#state;
    this.#state = to;
    this.#options.onChange?.(to, from);
  }
}

import { button, h } from './dom.js';
import { Keypad } from './keypad.js';
import type { Messages } from './messages.js';
import { Shortcuts } from './shortcuts.js';
import type { Visit, VisitState } from './visit-types.js';

export interface CallPanelOptions {
  messages: Messages;
  site: string;
  destination: string;
  publicNumber: string | undefined;
  onAgain: () => void;
}

/** One call as the visitor sees it. */
export class CallPanel {
  readonly element = h('div', { class: 'call', part: 'call' });
  visit: Visit | undefined;
  readonly #options: CallPanelOptions;
  readonly #status = h('p', {
    ...{ class: 'status', part: 'status', role: 'status', 'aria-live': 'polite' },
    'data-testid': 'status',
  });
  readonly #timer = h('p', { class: 'status timer', part: 'timer', role: 'timer' });
  readonly #controls: HTMLElement;
  readonly #after = h('div', { class: 'row' });
  readonly #mute: HTMLButtonElement;
  readonly #keys: HTMLButtonElement;
  readonly #keypad: Keypad;
  #state: VisitState = { name: 'microphone' };
  #muted = false;
  #ticking: ReturnType<typeof setInterval> | undefined;

  constructor(options: CallPanelOptions) {
    this.#options = options;
    const { messages, site, destination } = options;
    this.#keypad = new Keypad({
      messages,
      shortcuts: new Shortcuts({ site, destination }),
      send: (digit) => this.visit?.sendDigits(digit),
    });
    this.#mute = button('plain', 'mute', () => {
      this.#muted = !this.#muted;
      this.visit?.setMuted(this.#muted);
      this.#update();
    });
    this.#keys = button('plain', 'keys', () => {
      this.#keypad.element.hidden = !this.#keypad.element.hidden;
      this.#update();
    });
    this.#keys.textContent = messages.keypad;
    this.#keypad.element.hidden = true;
    const hangUp = button('stop', 'hang-up', () => this.visit?.hangUp());
    hangUp.textContent = messages.hangUp;
    this.#controls = h('div', { class: 'row', part: 'controls' }, this.#mute, this.#keys, hangUp);
    this.element.append(
      this.#status,
      this.#timer,
      this.#keypad.element,
      this.#controls,
      this.#after,
    );
    this.element.addEventListener('keydown', ({ key }) => {
      if (this.#state.name === 'talking' && /^[0-9*#]$/.test(key)) this.#keypad.press(key);
    });
    this.#update();
  }

  get isOver(): boolean {
    return this.#state.name === 'ended';
  }

  show(state: VisitState): void {
    this.#state = state;
    if (state.name === 'talking')
      this.#ticking ??= setInterval(() => {
        this.#tick();
      }, 1_000);
    if (state.name === 'ended') {
      clearInterval(this.#ticking);
      this.#keypad.stop();
      this.#keypad.element.hidden = true;
    }
    this.#tick();
    this.#update();
    if (state.name === 'ended') this.#after.querySelector<HTMLElement>('button')?.focus();
  }

  #tick(): void {
    const state = this.#state;
    this.#timer.hidden = state.name !== 'talking';
    if (state.name !== 'talking') return;
    const seconds = Math.max(0, Math.floor((Date.now() - state.answeredAt) / 1_000));
    const two = (value: number): string => String(value).padStart(2, '0');
    this.#timer.textContent = `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
  }

  #update(): void {
    const { messages } = this.#options;
    const state = this.#state;
    this.#status.dataset['state'] = state.name;
    if (state.name === 'ended' && state.code !== undefined)
      this.#status.dataset['code'] = state.code;
    const sentence =
      state.name === 'ended' && state.failure !== undefined
        ? messages.failures[state.failure]
        : messages[state.name];
    if (this.#status.textContent !== sentence) this.#status.textContent = sentence;
    const talking = state.name === 'talking';
    this.#controls.hidden = this.isOver;
    this.#mute.hidden = this.#keys.hidden = !talking;
    this.#mute.textContent = this.#muted ? messages.unmute : messages.mute;
    this.#mute.setAttribute('aria-pressed', String(this.#muted));
    this.#keys.setAttribute('aria-expanded', String(!this.#keypad.element.hidden));
    if (this.isOver) this.#showAfter(state.name === 'ended' ? state.failure : undefined);
  }

  #showAfter(failure: string | undefined): void {
    const { messages, publicNumber, onAgain } = this.#options;
    const again = button('again', 'again', onAgain);
    again.textContent = messages.again;
    const number = failure === undefined ? undefined : publicNumber;
    this.#after.replaceChildren(
      again,
      ...(number === undefined ? [] : [telLink(number, messages)]),
    );
  }
}

export function telLink(number: string, { callNumber }: Messages): HTMLAnchorElement {
  const text = callNumber.replace('{number}', number);
  return h('a', { class: 'tel', part: 'tel', 'data-testid': 'tel', href: `tel:${number}` }, text);
}

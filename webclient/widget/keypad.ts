import { button, h } from './dom.js';
import type { Messages } from './messages.js';
import { describeShortcut, type Shortcuts } from './shortcuts.js';

const KEYS = Array.from('123456789*0#');
/** A menu speaks between two keys. */
const PAUSE_MS = 2_000;

export interface KeypadOptions {
  messages: Messages;
  shortcuts: Shortcuts;
  send: (digit: string) => void;
}

/** Keys during a call, with the ways through the menu that the visitor kept. */
export class Keypad {
  readonly element = h('div', { class: 'pad', part: 'keypad' });
  readonly #options: KeypadOptions;
  readonly #kept = h('div', { class: 'row' });
  readonly #remember: HTMLButtonElement;
  #pressed = '';
  #replay: ReturnType<typeof setTimeout> | undefined;

  constructor(options: KeypadOptions) {
    this.#options = options;
    const { shortcuts } = options;
    const keys = KEYS.map((key) => {
      const element = button(
        'key',
        `key-${key === '*' ? 'star' : key === '#' ? 'pound' : key}`,
        () => {
          this.press(key);
        },
      );
      element.textContent = key;
      return element;
    });
    this.#remember = button('plain', 'remember', () => {
      shortcuts.add(this.#pressed);
      this.#update();
    });
    this.element.append(h('div', { class: 'keys' }, ...keys), this.#kept, this.#remember);
    this.#update();
  }

  /** A key of the pad or of the keyboard; it stops a shortcut that is under way. */
  press(key: string): void {
    this.stop();
    this.#send(key);
  }

  stop(): void {
    clearTimeout(this.#replay);
  }

  #send(key: string): void {
    this.#pressed += key;
    this.#options.send(key);
    this.#update();
  }

  #play(keys: string): void {
    const first = keys.charAt(0);
    if (first === '') return;
    this.#send(first);
    this.#replay = setTimeout(() => {
      this.#play(keys.slice(1));
    }, PAUSE_MS);
  }

  #update(): void {
    const { messages, shortcuts } = this.#options;
    const buttons = shortcuts.list().map((keys) => {
      const element = button('plain', 'shortcut', () => {
        this.stop();
        this.#play(keys);
      });
      element.textContent = describeShortcut(keys, messages.then);
      return element;
    });
    this.#kept.replaceChildren(...buttons);
    this.#remember.hidden = !shortcuts.canAdd(this.#pressed);
    this.#remember.textContent = `${messages.remember}: ${describeShortcut(this.#pressed, messages.then)}`;
  }
}

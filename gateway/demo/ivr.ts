import { silence, type Playback } from './playback.js';
import type { Prompts } from './prompts.js';

const BETWEEN_KEYS_MS = 150;
const BEFORE_SAYING_MS = 300;
const BEFORE_ASKING_AGAIN_MS = 8000;

/** The spoken dialogue of number 700: greets, says the pressed keys back, asks for more until hang-up. */
export class Ivr {
  readonly #playback: Playback;
  readonly #prompts: Prompts;

  constructor(playback: Playback, prompts: Prompts) {
    this.#playback = playback;
    this.#prompts = prompts;
  }

  /** Resolves when something interrupts it. */
  async greet(): Promise<void> {
    const how = await this.#playback.play([
      silence(BEFORE_SAYING_MS),
      this.#prompts.sentence('greeting'),
    ]);
    if (how === 'done') await this.askAgain();
  }

  /** A key interrupts whatever is said. */
  interrupt(): void {
    this.#playback.stop();
  }

  /** Says the keys one by one; resolves when they were said, or another key interrupted. */
  async sayBack(keys: readonly string[]): Promise<'done' | 'stopped'> {
    const parts = [silence(BEFORE_SAYING_MS), this.#prompts.sentence('you-pressed')];
    for (const key of keys) {
      const spoken = this.#prompts.key(key);
      if (spoken !== undefined) parts.push(silence(BETWEEN_KEYS_MS), spoken);
    }
    return this.#playback.play(parts);
  }

  /** Asks for more keys, again and again until something interrupts. */
  async askAgain(): Promise<void> {
    const again = this.#prompts.sentence('again');
    let how: string = 'done';
    while (how === 'done') {
      how = await this.#playback.play([silence(BEFORE_ASKING_AGAIN_MS), again]);
    }
  }

  async sayGoodbye(): Promise<void> {
    await this.#playback.play([this.#prompts.sentence('goodbye')]);
  }
}

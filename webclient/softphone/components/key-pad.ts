import { css, html, type TemplateResult } from 'lit';
import { hasMedia } from '../../phone/call-state.js';
import { ModelElement } from './model-element.js';
import { sharedStyles } from './shared-styles.js';

/** Rows of the keypad with the letters of ITU-T E.161; the fourth column (A to D) is optional. */
const ROWS: readonly (readonly [key: string, letters: string])[][] = [
  [
    ['1', ''],
    ['2', 'ABC'],
    ['3', 'DEF'],
    ['A', ''],
  ],
  [
    ['4', 'GHI'],
    ['5', 'JKL'],
    ['6', 'MNO'],
    ['B', ''],
  ],
  [
    ['7', 'PQRS'],
    ['8', 'TUV'],
    ['9', 'WXYZ'],
    ['C', ''],
  ],
  [
    ['*', ''],
    ['0', '+'],
    ['#', ''],
    ['D', ''],
  ],
];

const TEST_NAMES: Readonly<Record<string, string>> = { '*': 'star', '#': 'pound' };

/** Twelve or sixteen keys. Holding 0 while dialling gives a plus. */
export class KeyPad extends ModelElement {
  static override styles = [
    sharedStyles,
    css`
      .keys {
        display: grid;
        grid-template-columns: repeat(3, 1fr);
        gap: 10px;
      }
      .keys.letters {
        grid-template-columns: repeat(4, 1fr);
      }
      .key {
        height: 60px;
        border-radius: 18px;
        background: var(--surface-sunken);
        display: flex;
        flex-direction: column;
        align-items: center;
        justify-content: center;
        line-height: 1;
        font-size: 1.5rem;
        font-weight: 550;
        font-variant-numeric: tabular-nums;
        user-select: none;
        transition:
          background 0.12s,
          transform 0.08s;
      }
      .key:hover {
        background: var(--surface-hover);
      }
      .key:active {
        background: var(--accent-soft);
        color: var(--accent);
        transform: scale(0.95);
      }
      .key small {
        margin-top: 5px;
        height: 10px;
        font-size: 0.625rem;
        font-weight: 600;
        letter-spacing: 0.12em;
        color: var(--text-quiet);
      }
      .key.symbol {
        font-size: 1.75rem;
      }
      .key:is(.symbol, .extra) small {
        display: none;
      }
      .more {
        display: block;
        margin: 8px auto 0;
        padding: 8px 14px;
        border-radius: 999px;
        font-size: 0.8125rem;
        color: var(--text-quiet);
      }
      .more:hover {
        background: var(--surface-hover);
        color: var(--text);
      }
      @media (max-width: 400px) {
        .keys {
          gap: 8px;
        }
        .key {
          height: 56px;
        }
      }
    `,
  ];
  #heldZero: ReturnType<typeof setTimeout> | undefined;
  #plusGiven = false;

  protected override render(): TemplateResult {
    const { model } = this;
    const text = this.messages.keypad;
    const rows = ROWS.map((row) => (model.lettersShown ? row : row.slice(0, 3)));
    return html`
      <div
        class="keys ${model.lettersShown ? 'letters' : ''}"
        role="group"
        aria-label=${text.label}
      >
        ${rows.flat().map(([key, letters]) => this.#key(key, letters))}
      </div>
      <button
        class="more"
        type="button"
        data-testid="letters-button"
        aria-pressed=${model.lettersShown}
        @click=${() => {
          model.toggleLetters();
        }}
      >
        ${model.lettersShown ? text.less : text.more}
      </button>
    `;
  }

  #key(key: string, letters: string): TemplateResult {
    const text = this.messages.keypad;
    const label = key === '*' ? text.star : key === '#' ? text.pound : key;
    const holds = key === '0';
    const kind = key in TEST_NAMES ? 'symbol' : /[1A-D]/.test(key) ? 'extra' : '';
    return html`<button
      class="key ${kind}"
      type="button"
      data-testid="key-${TEST_NAMES[key] ?? key}"
      aria-label=${`${label} ${letters}`.trim()}
      @pointerdown=${holds ? this.#holdZero : undefined}
      @pointerup=${holds ? this.#releaseZero : undefined}
      @pointerleave=${holds ? this.#releaseZero : undefined}
      @click=${() => {
        this.#press(key);
      }}
    >
      <span aria-hidden="true">${key === '*' ? '∗' : key}</span>
      <small aria-hidden="true">${letters}</small>
    </button>`;
  }

  #press(key: string): void {
    const given = this.#plusGiven;
    this.#plusGiven = false;
    if (!(key === '0' && given)) this.model.press(key);
  }

  readonly #holdZero = (): void => {
    if (hasMedia(this.model.callState)) return;
    this.#heldZero = setTimeout(() => {
      this.#plusGiven = true;
      this.model.press('+');
    }, 600);
  };

  readonly #releaseZero = (): void => {
    clearTimeout(this.#heldZero);
  };
}

customElements.define('copperline-key-pad', KeyPad);

import { css, html, type TemplateResult } from 'lit';
import { ModelElement } from './model-element.js';
import { sharedStyles } from './shared-styles.js';

/** Numbers of the demo network to click. */
export class NumberList extends ModelElement {
  static override styles = [
    sharedStyles,
    css`
      h2 {
        margin: 6px 4px 10px;
        font-size: 0.875rem;
        font-weight: 650;
        color: var(--text-quiet);
      }
      ul {
        list-style: none;
        margin: 0;
        padding: 0;
        display: grid;
        gap: 8px;
      }
      button {
        width: 100%;
        min-height: 52px;
        display: flex;
        align-items: center;
        gap: 14px;
        padding: 8px 16px;
        border: 1px solid var(--line);
        border-radius: 14px;
        background: var(--surface);
        text-align: start;
        transition:
          border-color 0.15s,
          background 0.15s;
      }
      button:hover:not(:disabled) {
        border-color: var(--accent);
        background: var(--accent-soft);
      }
      button:disabled {
        opacity: 0.55;
      }
      b {
        min-width: 44px;
        font-size: 1.0625rem;
        font-variant-numeric: tabular-nums;
        color: var(--accent);
      }
      span {
        font-size: 0.9375rem;
        line-height: 1.3;
      }
    `,
  ];

  protected override render(): TemplateResult {
    const { model } = this;
    const text = this.messages.numbers;
    return html`<nav aria-labelledby="title">
      <h2 id="title">${text.title}</h2>
      <ul>
        ${model.numbers.map(
          ({ number, label }) =>
            html`<li>
              <button
                type="button"
                data-testid="number-${number}"
                title=${text.call(number, label)}
                ?disabled=${!model.ready}
                @click=${() => {
                  model.dial(number);
                }}
              >
                <b>${number}</b> <span>${label}</span>
              </button>
            </li>`,
        )}
      </ul>
    </nav>`;
  }
}

customElements.define('copperline-number-list', NumberList);

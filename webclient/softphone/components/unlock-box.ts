import { css, html, nothing, type TemplateResult } from 'lit';
import { askToNotify, ringingIsBlocked } from '../caller-notice.js';
import { ModelElement } from './model-element.js';
import { sharedStyles } from './shared-styles.js';

/** Says that a browser rings only after a click, and is that click. Gone once the page was clicked anywhere. */
export class UnlockBox extends ModelElement {
  static override styles = [
    sharedStyles,
    css`
      .box {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 12px;
        padding: 8px 8px 8px 14px;
        margin-bottom: 12px;
        border-radius: var(--radius-small);
        background: var(--wait-soft);
        color: var(--wait);
        font-size: 0.8125rem;
        line-height: 1.3;
      }
      button {
        flex: none;
        min-height: 36px;
        padding: 0 14px;
        border-radius: 18px;
        border: 1px solid currentColor;
        font-weight: 600;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('pointerup', this.#clicked);
    document.addEventListener('keyup', this.#clicked);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('pointerup', this.#clicked);
    document.removeEventListener('keyup', this.#clicked);
  }

  protected override render(): TemplateResult | typeof nothing {
    if (!ringingIsBlocked()) return nothing;
    const text = this.messages.unlock;
    return html`<div class="box" data-testid="unlock">
      <span>${text.text}</span>
      <button
        type="button"
        data-testid="unlock-button"
        @click=${() => {
          void askToNotify();
          this.requestUpdate();
        }}
      >
        ${text.button}
      </button>
    </div>`;
  }

  /** After the event: nothing may move away from under a finger that is down, nor from the click that follows. */
  readonly #clicked = (): void => {
    setTimeout(() => {
      this.requestUpdate();
    }, 300);
  };
}

customElements.define('copperline-unlock-box', UnlockBox);

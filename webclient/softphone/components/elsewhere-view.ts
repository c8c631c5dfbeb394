import { css, html, type TemplateResult } from 'lit';
import { ModelElement } from './model-element.js';
import { sharedStyles } from './shared-styles.js';

/** Another tab is the phone. */
export class ElsewhereView extends ModelElement {
  static override styles = [
    sharedStyles,
    css`
      div {
        padding: 32px 8px;
        text-align: center;
      }
      h2 {
        margin: 0 0 8px;
        font-size: 1.25rem;
      }
      p {
        margin: 0 0 24px;
      }
      button {
        min-height: 48px;
        padding: 0 24px;
        border-radius: 24px;
        background: var(--accent-fill);
        color: var(--on-strong);
        font-weight: 650;
      }
      button:hover {
        background: var(--accent-fill-strong);
      }
    `,
  ];

  protected override render(): TemplateResult {
    const text = this.messages.elsewhere;
    const taken = this.model.ownership === 'taken';
    return html`<div>
      <h2 role="status" data-testid="elsewhere">${taken ? text.taken : text.title}</h2>
      <p class="quiet">${text.text}</p>
      <button
        type="button"
        data-testid="take-over"
        @click=${() => {
          this.model.takeOver();
        }}
      >
        ${text.takeOver}
      </button>
    </div>`;
  }
}

customElements.define('copperline-elsewhere-view', ElsewhereView);

import { css, html, nothing, type TemplateResult } from 'lit';
import { callSentence } from '../call-sentence.js';
import { ModelElement } from './model-element.js';
import { sharedStyles } from './shared-styles.js';

/** The call that is not on the screen, and the button that changes places. */
export class OtherCall extends ModelElement {
  static override styles = [
    sharedStyles,
    css`
      .other {
        display: flex;
        align-items: center;
        gap: 12px;
        padding: 8px 8px 8px 14px;
        margin-bottom: 14px;
        border-radius: var(--radius-small);
        background: var(--surface-sunken);
        font-size: 0.875rem;
      }
      .who {
        flex: 1;
        min-width: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      button {
        flex: none;
        min-height: 36px;
        padding: 0 14px;
        border-radius: 18px;
        border: 1px solid var(--line-strong);
        background: var(--surface);
        font-weight: 600;
      }
      button:hover {
        background: var(--surface-hover);
      }
    `,
  ];

  protected override render(): TemplateResult | typeof nothing {
    const { model } = this;
    const { other } = model.desk;
    if (other === undefined || other.call.state.name === 'incoming') return nothing;
    const { call } = other;
    const text = this.messages.line;
    const state = call.held ? text.held : callSentence(other.state, this.messages);
    return html`<div class="other" role="group" aria-label=${text.other} data-testid="other-call">
      <span class="who"><b>${model.nameOf(call) || this.written(call.number)}</b> · ${state}</span>
      <button
        type="button"
        data-testid="swap-button"
        @click=${() => {
          void model.desk.swap();
        }}
      >
        ${text.swap}
      </button>
    </div>`;
  }
}

customElements.define('copperline-other-call', OtherCall);

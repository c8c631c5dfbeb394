import { css, html, nothing, LitElement, type TemplateResult } from 'lit';
import { alertIcon } from './icons.js';
import { sharedStyles } from './shared-styles.js';

/** A sentence that somebody has to read: announced at once, shown in colour, never only by colour. */
export class NoticeBox extends LitElement {
  static override properties = { sentence: {} };
  declare sentence: string;
  static override styles = [
    sharedStyles,
    css`
      .notice {
        display: flex;
        gap: 10px;
        padding: 12px 14px;
        border-radius: var(--radius-small);
        background: var(--stop-soft);
        color: var(--stop-text);
        font-size: 0.9375rem;
        text-align: start;
        overflow-wrap: anywhere;
      }
      svg {
        flex: none;
        width: 20px;
        height: 20px;
        margin-top: 1px;
      }
    `,
  ];

  constructor() {
    super();
    this.sentence = '';
  }

  protected override render(): TemplateResult {
    const box = html`<div class="notice">
      ${alertIcon}<span data-testid="error">${this.sentence}</span>
    </div>`;
    // The live region is always there: one that appears together with its text is often not read out.
    return html`<div role="alert">${this.sentence === '' ? nothing : box}</div>`;
  }
}

customElements.define('copperline-notice-box', NoticeBox);

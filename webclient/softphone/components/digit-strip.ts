import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { CallLine } from '../call-line.js';
import { ModelElement } from './model-element.js';
import { sharedStyles } from './shared-styles.js';

/** Each digit pressed in this call, and whether it waits, is leaving, is sent, was heard, or failed; and digits received. */
export class DigitStrip extends ModelElement {
  static override properties = { ...ModelElement.properties, line: { attribute: false } };
  /** Of this tab or of another one. */
  declare line: Pick<CallLine, 'digits' | 'received'> | undefined;
  static override styles = [
    sharedStyles,
    css`
      .strip {
        min-height: 44px;
        padding: 6px 8px;
        border-radius: var(--radius-small);
        background: var(--surface-sunken);
        display: flex;
        align-items: center;
        gap: 5px;
        overflow-x: auto;
        scrollbar-width: none;
      }
      .strip.none {
        justify-content: center;
        font-size: 0.8125rem;
        color: var(--text-quiet);
      }
      .digit {
        flex: none;
        min-width: 26px;
        height: 30px;
        display: grid;
        place-items: center;
        border-radius: 8px;
        border: 1.5px solid transparent;
        font-weight: 650;
        font-variant-numeric: tabular-nums;
        transition:
          background 0.15s,
          color 0.15s;
      }
      .queued {
        border: 1.5px dashed var(--line-strong);
        color: var(--text-quiet);
      }
      .sending {
        border-color: var(--accent);
        color: var(--accent);
        background: var(--accent-soft);
      }
      .sent {
        background: var(--go-soft);
        color: var(--go-text);
      }
      .confirmed {
        background: var(--go);
        color: var(--on-strong);
      }
      .failed {
        background: var(--stop-soft);
        color: var(--stop-text);
        text-decoration: line-through;
      }
      .received {
        margin: 6px 2px 0;
        font-size: 0.8125rem;
        color: var(--text-quiet);
        overflow-wrap: anywhere;
      }
      .received b {
        color: var(--text);
        letter-spacing: 0.08em;
        font-variant-numeric: tabular-nums;
      }
    `,
  ];

  protected override render(): TemplateResult {
    return html`${this.#sent()}${this.#received()}`;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const strip = this.renderRoot.querySelector('.strip');
    strip?.scrollTo({ left: strip.scrollWidth });
  }

  #sent(): TemplateResult {
    const digits = this.line?.digits ?? [];
    const text = this.messages.digits;
    const isSent = (state: string): boolean => state === 'sent' || state === 'confirmed';
    const count = (state: string): number => digits.filter((digit) => digit.state === state).length;
    const sentCount = count('sent') + count('confirmed');
    const failed = count('failed') === 0 ? '' : `, ${text.failed(count('failed'))}`;
    const summary = text.progress(sentCount, digits.length) + failed;
    if (digits.length === 0) {
      return html`<div class="strip none" data-testid="digits-sent" data-sent="">
        ${text.empty}
      </div>`;
    }
    const sent = digits.filter((digit) => isSent(digit.state)).map((digit) => digit.digit);
    return html`<div
      class="strip"
      role="img"
      data-testid="digits-sent"
      data-sent=${sent.join('')}
      aria-label=${summary}
      title=${summary}
    >
      ${digits.map(
        ({ digit, state }) =>
          html`<span class="digit ${state}" data-state=${state} title=${text.states[state]}
            >${digit}</span
          >`,
      )}
    </div>`;
  }

  #received(): TemplateResult | typeof nothing {
    const received = this.line?.received ?? '';
    if (received === '') return nothing;
    return html`<p class="received">
      ${this.messages.digits.received} <b data-testid="digits-received">${received}</b>
    </p>`;
  }
}

customElements.define('copperline-digit-strip', DigitStrip);

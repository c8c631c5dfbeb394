import { css, html, type TemplateResult } from 'lit';
import { ModelElement } from './model-element.js';
import { sharedStyles } from './shared-styles.js';

type Format = (number: string, language: string) => string;

/** Loaded with the first plus: most of the page's size would be the numbering plans of the world. */
let loading: Promise<Format> | undefined;

/** The number as people write it, and the country, while it is typed: `+49 30 123456 · Germany`. */
export class NumberPreview extends ModelElement {
  static override styles = [
    sharedStyles,
    css`
      p {
        min-height: 20px;
        margin: 0 0 10px;
        text-align: center;
        font-size: 0.8125rem;
        font-variant-numeric: tabular-nums;
        color: var(--text-quiet);
      }
    `,
  ];
  #format: Format | undefined;

  protected override render(): TemplateResult {
    const { number, language } = this.model;
    const international = number.startsWith('+') && number.length > 3;
    if (international && this.#format === undefined) void this.#load();
    const text = international ? (this.#format?.(number, language) ?? '') : '';
    return html`<p data-testid="number-preview">${text}</p>`;
  }

  async #load(): Promise<void> {
    loading ??= import('../number-format.js').then(({ formatNumber }) => formatNumber);
    try {
      this.#format = await loading;
      this.requestUpdate();
    } catch {
      // Not reachable now; the number is shown as it was typed.
      loading = undefined;
    }
  }
}

customElements.define('copperline-number-preview', NumberPreview);

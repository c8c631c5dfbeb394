import { css, html, type TemplateResult } from 'lit';
import { ModelElement } from './model-element.js';
import { sharedStyles } from './shared-styles.js';

const BARS = 21;

/** How loud the other side is: a row of bars that grows from the middle. */
export class LevelMeter extends ModelElement {
  static override styles = [
    sharedStyles,
    css`
      .bars {
        display: flex;
        justify-content: center;
        align-items: center;
        gap: 4px;
        height: 28px;
      }
      i {
        width: 4px;
        height: 28px;
        border-radius: 2px;
        background: var(--accent);
        opacity: 0.25;
        transform: scaleY(0.15);
        transition:
          transform 0.08s linear,
          opacity 0.08s linear;
      }
    `,
  ];
  #frame = 0;
  #level = 0;
  #drawn = -1;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#frame = requestAnimationFrame(this.#draw);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    cancelAnimationFrame(this.#frame);
  }

  protected override render(): TemplateResult {
    return html`<div
      class="bars"
      role="meter"
      data-testid="level"
      aria-label=${this.messages.controls.level}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow="0"
    >
      ${Array.from({ length: BARS }, () => html`<i></i>`)}
    </div>`;
  }

  /** Outside of Lit's cycle: sixty times a second only the bars change. */
  readonly #draw = (): void => {
    this.#frame = requestAnimationFrame(this.#draw);
    // Up at once, down slowly: the eye follows peaks.
    this.#level = Math.max(this.model.remoteLevel, this.#level * 0.92);
    const percent = Math.round(this.#level * 100);
    if (percent === this.#drawn) return;
    this.#drawn = percent;
    this.renderRoot.querySelector('.bars')?.setAttribute('aria-valuenow', String(percent));
    const bars = this.renderRoot.querySelectorAll<HTMLElement>('i');
    bars.forEach((bar, index) => {
      const distance = Math.abs(index - (BARS - 1) / 2) / (BARS / 2);
      const height = Math.max(0.15, this.#level * (1.15 - distance));
      bar.style.transform = `scaleY(${Math.min(1, height).toFixed(3)})`;
      bar.style.opacity = distance < this.#level ? '1' : '0.25';
    });
  };
}

customElements.define('copperline-level-meter', LevelMeter);

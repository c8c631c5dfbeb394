import { css, html, nothing, type TemplateResult } from 'lit';
import type { RecentCall } from '../recents.js';
import { ModelElement } from './model-element.js';
import { sharedStyles } from './shared-styles.js';

/** The last calls of this browser, to call again. */
export class RecentsList extends ModelElement {
  static override styles = [
    sharedStyles,
    css`
      .head {
        display: flex;
        align-items: baseline;
        justify-content: space-between;
        margin: 20px 4px 6px;
      }
      h2 {
        margin: 0;
        font-size: 0.875rem;
        font-weight: 650;
        color: var(--text-quiet);
      }
      .clear {
        padding: 4px 8px;
        border-radius: 8px;
        font-size: 0.8125rem;
        color: var(--text-quiet);
      }
      .clear:hover {
        color: var(--text);
        background: var(--surface-hover);
      }
      ul {
        list-style: none;
        margin: 0;
        padding: 0;
        max-height: 252px;
        overflow-y: auto;
      }
      li button {
        width: 100%;
        min-height: 42px;
        display: flex;
        align-items: center;
        gap: 10px;
        padding: 4px 10px;
        border-radius: 10px;
        text-align: start;
      }
      li button:hover:not(:disabled) {
        background: var(--surface-hover);
      }
      .arrow {
        flex: none;
        width: 18px;
        text-align: center;
        color: var(--go-text);
      }
      .missed .arrow,
      .missed .who {
        color: var(--stop-text);
      }
      .who {
        flex: 1;
        min-width: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        font-variant-numeric: tabular-nums;
      }
      time {
        font-size: 0.8125rem;
        color: var(--text-quiet);
        white-space: nowrap;
      }
    `,
  ];

  protected override render(): TemplateResult | typeof nothing {
    const { model } = this;
    const text = this.messages.recents;
    if (model.recents.length === 0) return nothing;
    return html`<section aria-labelledby="title">
      <div class="head">
        <h2 id="title">${text.title}</h2>
        <button
          class="clear"
          type="button"
          @click=${() => {
            model.clearRecents();
          }}
        >
          ${text.clear}
        </button>
      </div>
      <ul>
        ${model.recents.map((recent) => this.#entry(recent))}
      </ul>
    </section>`;
  }

  #entry({ number, name, how, at }: RecentCall): TemplateResult {
    const { model } = this;
    const text = this.messages.recents;
    const who = name ?? number;
    const disabled = model.registration.name !== 'registered' || model.inCall;
    return html`<li>
      <button
        class=${how}
        type="button"
        data-testid="recent-${number}"
        aria-label="${who} ${this.#when(at)}, ${text[how]}"
        title=${text.call(who)}
        ?disabled=${disabled}
        @click=${() => {
          model.dial(number);
        }}
      >
        <span class="arrow" aria-hidden="true">${how === 'outgoing' ? '↗' : '↙'}</span>
        <span class="who">${who}</span>
        <time datetime=${new Date(at).toISOString()}>${this.#when(at)}</time>
      </button>
    </li>`;
  }

  #when(at: number): string {
    const today = new Date(at).toDateString() === new Date().toDateString();
    const how: Intl.DateTimeFormatOptions = today
      ? { hour: 'numeric', minute: '2-digit' }
      : { day: 'numeric', month: 'short' };
    return new Date(at).toLocaleString(this.model.language, how);
  }
}

customElements.define('copperline-recents-list', RecentsList);

import { css, html, nothing, type TemplateResult } from 'lit';
import type { RecentCall } from '../recents.js';
import { ModelElement } from './model-element.js';
import { keepIcon } from './icons.js';
import { listStyles } from './list-styles.js';
import { sharedStyles } from './shared-styles.js';

/** The last calls of this browser, to call again. Fires `keep` to make a contact of one. */
export class RecentsList extends ModelElement {
  static override styles = [
    sharedStyles,
    listStyles,
    css`
      .arrow {
        flex: none;
        width: 18px;
        text-align: center;
        color: var(--go-text);
      }
      .missed :is(.arrow, .name) {
        color: var(--stop-text);
      }
      time {
        font-size: 0.8125rem;
        color: var(--text-quiet);
        white-space: nowrap;
      }
    `,
  ];

  protected override render(): TemplateResult {
    const { model } = this;
    const text = this.messages.recents;
    const { recents } = model.book;
    if (recents.length === 0)
      return html`<p class="empty" data-testid="no-recents">${text.empty}</p>`;
    return html`<ul>
        ${recents.map((recent) => this.#entry(recent))}
      </ul>
      <div class="commands">
        <button
          type="button"
          data-testid="recents-clear"
          @click=${() => {
            model.book.clearRecents();
          }}
        >
          ${text.clear}
        </button>
      </div>`;
  }

  #entry(recent: RecentCall): TemplateResult {
    const { model } = this;
    const { number, how, at } = recent;
    const text = this.messages.recents;
    const known = model.book.nameOf(number);
    const name = known ?? recent.name ?? '';
    const who = name || number;
    return html`<li>
      <button
        class="call ${how}"
        type="button"
        data-testid="recent-${number}"
        title=${text.call(who)}
        ?disabled=${!model.ready}
        @click=${() => {
          model.dial(number);
        }}
      >
        <span class="arrow" aria-hidden="true">${how === 'outgoing' ? '↗' : '↙'}</span>
        <span class="who">
          <span class="name">${name || this.written(number)}</span>
          ${name === '' ? nothing : html`<small>${this.written(number)}</small>`}
        </span>
        <time datetime=${new Date(at).toISOString()}>${this.#when(at)}</time>
        <span class="sr-only">${text[how]}</span>
      </button>
      ${known === undefined ? this.#keep(number, name) : html`<span class="small"></span>`}
    </li>`;
  }

  #keep(number: string, name: string): TemplateResult {
    const label = this.messages.recents.keep(name || number);
    return html`<button
      class="small"
      type="button"
      data-testid="keep-${number}"
      aria-label=${label}
      title=${label}
      @click=${() => {
        this.dispatchEvent(new CustomEvent('keep', { detail: { number, name } }));
      }}
    >
      ${keepIcon}
    </button>`;
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

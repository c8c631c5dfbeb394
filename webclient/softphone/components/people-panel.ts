import { css, html, nothing, type TemplateResult } from 'lit';
import './contacts-list.js';
import { ModelElement } from './model-element.js';
import './recents-list.js';
import { sharedStyles } from './shared-styles.js';

type Tab = 'recents' | 'contacts';

/** Under the dial pad: recent calls and contacts, as tabs (the pattern of ARIA: arrow keys change, Tab leaves). */
export class PeoplePanel extends ModelElement {
  static override properties = { ...ModelElement.properties, tab: { state: true } };
  declare tab: Tab;
  static override styles = [
    sharedStyles,
    css`
      :host {
        margin-top: 20px;
      }
      [role='tablist'] {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 4px;
        padding: 4px;
        border-radius: 14px;
        background: var(--surface-sunken);
      }
      [role='tab'] {
        min-height: 36px;
        border-radius: 10px;
        font-size: 0.875rem;
        font-weight: 600;
        color: var(--text-quiet);
      }
      [role='tab']:hover {
        color: var(--text);
      }
      [role='tab'][aria-selected='true'] {
        background: var(--surface-raised);
        color: var(--text);
        box-shadow: 0 1px 3px rgb(0 0 0 / 16%);
      }
      [role='tabpanel'] {
        margin-top: 8px;
      }
    `,
  ];

  constructor() {
    super();
    this.tab = 'recents';
  }

  protected override render(): TemplateResult {
    const { model, tab } = this;
    const body =
      tab === 'recents'
        ? html`<copperline-recents-list
            .model=${model}
            @keep=${(event: CustomEvent<{ number: string; name: string }>) => {
              this.#add(event.detail);
            }}
          ></copperline-recents-list>`
        : html`<copperline-contacts-list .model=${model}></copperline-contacts-list>`;
    return html`<div role="tablist" aria-label=${this.messages.people} @keydown=${this.#keyed}>
        ${this.#tab('recents', this.messages.recents.title)}
        ${this.#tab('contacts', this.messages.contacts.title)}
      </div>
      <div role="tabpanel" id="panel" aria-labelledby="tab-${tab}">${body}</div>`;
  }

  #tab(tab: Tab, label: string): TemplateResult {
    const selected = tab === this.tab;
    return html`<button
      id="tab-${tab}"
      type="button"
      role="tab"
      data-testid="tab-${tab}"
      aria-selected=${selected}
      aria-controls=${selected ? 'panel' : nothing}
      tabindex=${selected ? 0 : -1}
      @click=${() => {
        this.tab = tab;
      }}
    >
      ${label}
    </button>`;
  }

  #add(contact: { number: string; name: string }): void {
    this.tab = 'contacts';
    void this.updateComplete.then(() => {
      this.renderRoot.querySelector('copperline-contacts-list')?.edit(contact);
    });
  }

  readonly #keyed = (event: KeyboardEvent): void => {
    if (!['ArrowLeft', 'ArrowRight', 'Home', 'End'].includes(event.key)) return;
    event.preventDefault();
    if (event.key === 'Home') this.tab = 'recents';
    else if (event.key === 'End') this.tab = 'contacts';
    else this.tab = this.tab === 'recents' ? 'contacts' : 'recents';
    void this.updateComplete.then(() => {
      this.renderRoot.querySelector<HTMLElement>(`#tab-${this.tab}`)?.focus();
    });
  };
}

customElements.define('copperline-people-panel', PeoplePanel);

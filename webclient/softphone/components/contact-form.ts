import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { Contact, ContactProblem } from '../contacts.js';
import { cleanEntry, isDialable } from '../number-entry.js';
import { ModelElement } from './model-element.js';
import { sharedStyles } from './shared-styles.js';

/** One contact: name and number. Fires `close`, or `removed` with the contact that was deleted. */
export class ContactForm extends ModelElement {
  static override properties = {
    ...ModelElement.properties,
    contact: { attribute: false },
    problem: { state: true },
  };
  /** Without `id` it is a new one. */
  declare contact: Omit<Contact, 'id'> & { id?: string };
  declare problem: ContactProblem | undefined;
  static override styles = [
    sharedStyles,
    css`
      form {
        display: grid;
        gap: 12px;
        padding: 14px;
        border: 1px solid var(--line);
        border-radius: var(--radius-small);
        background: var(--surface-sunken);
      }
      label {
        display: grid;
        gap: 4px;
        font-size: 0.8125rem;
        font-weight: 600;
      }
      input {
        width: 100%;
        height: 42px;
        padding: 0 12px;
        border: 1px solid var(--line-strong);
        border-radius: 10px;
        background: var(--surface);
        font-size: 1rem;
        font-weight: 400;
      }
      .problem {
        margin: 0;
        font-size: 0.875rem;
        color: var(--stop-text);
      }
      .problem:empty {
        display: none;
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
      .row button {
        min-height: 40px;
        padding: 0 16px;
        border-radius: 20px;
        border: 1px solid var(--line-strong);
        background: var(--surface);
        font-size: 0.875rem;
        font-weight: 600;
      }
      .row button:hover {
        background: var(--surface-hover);
      }
      .row .strong {
        border-color: transparent;
        background: var(--accent-fill);
        color: var(--on-strong);
      }
      .row .strong:hover {
        background: var(--accent-fill-strong);
      }
      .row .remove {
        margin-inline-start: auto;
        border-color: transparent;
        background: none;
        color: var(--stop-text);
      }
      .row .remove:hover {
        background: var(--stop-soft);
      }
    `,
  ];

  constructor() {
    super();
    this.problem = undefined;
  }

  protected override firstUpdated(changed: PropertyValues): void {
    super.firstUpdated(changed);
    const [name] = this.renderRoot.querySelectorAll('input');
    name?.focus();
    this.scrollIntoView({ block: 'nearest' });
  }

  protected override render(): TemplateResult {
    const text = this.messages.contacts;
    const { id } = this.contact;
    return html`<form @submit=${this.#submit} @keydown=${this.#keyed}>
      ${this.#field('name', text.name)} ${this.#field('number', text.number)}
      <p class="problem" role="alert" data-testid="contact-problem">
        ${this.problem === undefined ? nothing : text.problems[this.problem]}
      </p>
      <div class="row">
        <button class="strong" type="submit" data-testid="contact-save">${text.save}</button>
        <button
          type="button"
          data-testid="contact-cancel"
          @click=${() => {
            this.#close();
          }}
        >
          ${text.cancel}
        </button>
        ${id === undefined ? nothing : this.#removeButton({ ...this.contact, id })}
      </div>
    </form>`;
  }

  #field(name: 'name' | 'number', label: string): TemplateResult {
    return html`<label>
      ${label}
      <input
        name=${name}
        data-testid="contact-${name}"
        type="text"
        inputmode=${name === 'number' ? 'tel' : 'text'}
        autocomplete="off"
        maxlength=${name === 'number' ? 64 : 80}
        .value=${this.contact[name]}
      />
    </label>`;
  }

  #removeButton(contact: Contact): TemplateResult {
    return html`<button
      class="remove"
      type="button"
      data-testid="contact-remove"
      @click=${() => {
        this.problem = this.model.book.remove(contact.id);
        if (this.problem === undefined)
          this.dispatchEvent(new CustomEvent('removed', { detail: contact }));
      }}
    >
      ${this.messages.contacts.remove}
    </button>`;
  }

  #close(): void {
    this.dispatchEvent(new Event('close'));
  }

  readonly #submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string): string => {
      const value = data.get(name);
      return typeof value === 'string' ? value : '';
    };
    const entered = cleanEntry(text('number')).trim();
    const number = isDialable(entered) ? entered : '';
    const { id } = this.contact;
    const contact = { name: text('name'), number, ...(id === undefined ? {} : { id }) };
    this.problem = this.model.book.put(contact);
    if (this.problem === undefined) this.#close();
  };

  /** Closes the form and nothing else: the key also clears the number field. */
  readonly #keyed = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    this.#close();
  };
}

customElements.define('copperline-contact-form', ContactForm);

import { css, html, nothing, type TemplateResult } from 'lit';
import type { Contact, ContactProblem } from '../contacts.js';
import './contact-form.js';
import { editIcon } from './icons.js';
import { listStyles } from './list-styles.js';
import { ModelElement } from './model-element.js';
import { sharedStyles } from './shared-styles.js';
import { toVcards } from '../vcard.js';

/** More is no address book. */
const LARGEST_FILE = 2_000_000;

/** The contacts of this browser: call, add, change, delete, and carry over as a vCard file. */
export class ContactsList extends ModelElement {
  static override properties = {
    ...ModelElement.properties,
    edited: { state: true },
    removed: { state: true },
    news: { state: true },
  };
  /** In the form; without `id` it is a new one. */
  declare edited: (Omit<Contact, 'id'> & { id?: string }) | undefined;
  /** Deleted last, as long as it can be brought back. */
  declare removed: Contact | undefined;
  /** What the last command did. */
  declare news: string;
  static override styles = [
    sharedStyles,
    listStyles,
    css`
      .news {
        display: flex;
        align-items: center;
        justify-content: center;
        gap: 8px;
        margin: 0;
        font-size: 0.8125rem;
        color: var(--text-quiet);
      }
      .news:empty {
        display: none;
      }
      .undo {
        min-height: 32px;
        padding: 0 12px;
        border-radius: 16px;
        font-weight: 600;
        color: var(--accent);
      }
      .undo:hover {
        background: var(--accent-soft);
      }
      .badge {
        flex: none;
        width: 32px;
        height: 32px;
        display: grid;
        place-items: center;
        border-radius: 50%;
        background: var(--accent-soft);
        color: var(--accent);
        font-size: 0.875rem;
        font-weight: 650;
      }
    `,
  ];

  constructor() {
    super();
    this.edited = undefined;
    this.removed = undefined;
    this.news = '';
  }

  /** Opens the form. */
  edit(contact: Omit<Contact, 'id'> & { id?: string }): void {
    this.edited = contact;
    this.#tell('');
  }

  protected override render(): TemplateResult {
    const { contacts } = this.model.book;
    return html`<p class="news" role="status" data-testid="contacts-news">
        ${this.news}${this.removed === undefined ? nothing : this.#undo(this.removed)}
      </p>
      ${this.edited === undefined ? this.#list(contacts) : this.#form(this.edited)}`;
  }

  #list(contacts: readonly Contact[]): TemplateResult {
    const text = this.messages.contacts;
    return html`${
        contacts.length === 0
          ? html`<p class="empty">${text.empty}</p>`
          : html`<ul>
              ${contacts.map((contact) => this.#entry(contact))}
            </ul>`
      }
      <div class="commands">
        ${this.#command('contact-add', text.add, () => {
          this.edit({ name: '', number: '' });
        })}
        ${this.#command('contacts-import', text.take, () => {
          this.renderRoot.querySelector<HTMLInputElement>('input[type=file]')?.click();
        })}
        ${contacts.length === 0 ? nothing : this.#command('contacts-export', text.give, this.#give)}
        <input
          type="file"
          accept=".vcf,text/vcard"
          hidden
          aria-label=${text.take}
          data-testid="contacts-file"
          @change=${this.#fileChosen}
        />
      </div>`;
  }

  #entry(contact: Contact): TemplateResult {
    const { model } = this;
    const { name, number } = contact;
    const text = this.messages.contacts;
    return html`<li>
      <button
        class="call"
        type="button"
        data-testid="contact-${number}"
        title=${text.call(name)}
        ?disabled=${!model.ready}
        @click=${() => {
          model.dial(number);
        }}
      >
        <span class="badge" aria-hidden="true">${Array.from(name)[0]?.toUpperCase()}</span>
        <span class="who"><span>${name}</span> <small>${this.written(number)}</small></span>
      </button>
      <button
        class="small"
        type="button"
        data-testid="edit-${number}"
        aria-label=${text.edit(name)}
        title=${text.edit(name)}
        @click=${() => {
          this.edit(contact);
        }}
      >
        ${editIcon}
      </button>
    </li>`;
  }

  #form(contact: Omit<Contact, 'id'> & { id?: string }): TemplateResult {
    return html`<copperline-contact-form
      .model=${this.model}
      .contact=${contact}
      @close=${() => {
        this.#close();
      }}
      @removed=${(event: CustomEvent<Contact>) => {
        this.#close();
        this.removed = event.detail;
        this.news = this.messages.contacts.removed(event.detail.name);
      }}
    ></copperline-contact-form>`;
  }

  #undo(contact: Contact): TemplateResult {
    return html`<button
      class="undo"
      type="button"
      data-testid="contact-undo"
      @click=${() => {
        this.#tell(this.#problem(this.model.book.put(contact)));
      }}
    >
      ${this.messages.contacts.undo}
    </button>`;
  }

  #command(testId: string, label: string, act: () => void): TemplateResult {
    return html`<button type="button" data-testid=${testId} @click=${act}>${label}</button>`;
  }

  #close(): void {
    this.edited = undefined;
    this.#tell('');
    void this.updateComplete.then(() => {
      this.renderRoot.querySelector<HTMLElement>('[data-testid=contact-add]')?.focus();
    });
  }

  #tell(news: string): void {
    this.removed = undefined;
    this.news = news;
  }

  #problem(problem: ContactProblem | undefined): string {
    return problem === undefined ? '' : this.messages.contacts.problems[problem];
  }

  readonly #give = (): void => {
    const file = new Blob([toVcards(this.model.book.contacts)], { type: 'text/vcard' });
    const link = document.createElement('a');
    link.href = URL.createObjectURL(file);
    link.download = 'contacts.vcf';
    link.click();
    URL.revokeObjectURL(link.href);
  };

  readonly #fileChosen = (event: Event): void => {
    const input = event.currentTarget as HTMLInputElement;
    const file = input.files?.[0];
    if (file !== undefined) void this.#take(file);
    // The same file can be chosen again.
    input.value = '';
  };

  async #take(file: File): Promise<void> {
    const text = this.messages.contacts;
    const content = file.size > LARGEST_FILE ? '' : await file.text().catch(() => '');
    const result = this.model.book.takeUp(content);
    this.#tell('added' in result ? text.taken(result.added) : this.#problem(result.problem));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'copperline-contacts-list': ContactsList;
  }
}

customElements.define('copperline-contacts-list', ContactsList);

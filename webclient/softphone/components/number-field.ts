import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { cleanEntry, isDialable, isNumber, LONGEST_ENTRY } from '../number-entry.js';
import { editEntry } from '../number-edit.js';
import type { Person } from '../people.js';
import { backspaceIcon } from './icons.js';
import { ModelElement } from './model-element.js';
import { numberFormat } from './number-formatting.js';
import { fieldStyles } from './number-field-styles.js';
import { sharedStyles } from './shared-styles.js';

/**
 * What to call: a number, formatted while it is typed, or a name, which finds people. With the list open, arrow keys choose and
 * Enter calls (the combobox pattern of ARIA). Fires `matches` when the list opens or closes, because it takes the keypad's place.
 */
export class NumberField extends ModelElement {
  static override properties = {
    ...ModelElement.properties,
    open: { type: Boolean, reflect: true },
    chosen: { state: true },
  };
  /** The list of people may be shown. */
  declare open: boolean;
  /** Index in the list; -1 for none. */
  declare chosen: number;
  static override styles = [sharedStyles, fieldStyles];
  /** What an input method is putting together: nothing but itself may change it. */
  #composed: string | undefined;

  constructor() {
    super();
    this.open = false;
    this.chosen = -1;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    globalThis.addEventListener('keydown', this.#typedElsewhere);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    globalThis.removeEventListener('keydown', this.#typedElsewhere);
  }

  protected override firstUpdated(changed: PropertyValues): void {
    super.firstUpdated(changed);
    // On touch screens a focused field would open the system's own keyboard over ours.
    if (!matchMedia('(hover: hover)').matches) return;
    this.#input?.focus();
    this.#input?.select();
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    this.toggleAttribute('searching', this.#people.length > 0);
  }

  protected override render(): TemplateResult {
    const { model } = this;
    const people = this.#people;
    return html`<div class="number">
        ${this.#field(people)}
        <button
          class="backspace"
          type="button"
          data-testid="backspace-button"
          aria-label=${this.messages.dial.backspace}
          ?hidden=${model.number === ''}
          @click=${() => {
            model.backspace();
          }}
        >
          ${backspaceIcon}
        </button>
      </div>
      <p class="about" data-testid="number-preview">${this.#about(people)}</p>
      ${people.length === 0 ? nothing : this.#list(people)}`;
  }

  #field(people: readonly Person[]): TemplateResult {
    const { model } = this;
    const text = this.messages.dial;
    const shown = this.#composed ?? this.written(model.number);
    const active = people[this.chosen] === undefined ? nothing : `match-${this.chosen}`;
    return html`<input
      class=${shown.length > 10 ? 'long' : ''}
      data-testid="dial-input"
      type="text"
      role="combobox"
      autocomplete="off"
      autocapitalize="none"
      spellcheck="false"
      enterkeyhint="go"
      maxlength=${LONGEST_ENTRY * 2}
      aria-label=${text.label}
      aria-autocomplete="list"
      aria-expanded=${people.length > 0}
      aria-controls=${people.length > 0 ? 'matches' : nothing}
      aria-activedescendant=${active}
      placeholder=${text.placeholder}
      .value=${shown}
      @input=${this.#typed}
      @compositionend=${this.#typed}
      @keydown=${this.#keyed}
      @blur=${() => {
        this.#show(false);
      }}
    />`;
  }

  #list(people: readonly Person[]): TemplateResult {
    return html`<ul
      id="matches"
      role="listbox"
      data-testid="matches"
      aria-label=${this.messages.dial.matches}
    >
      ${people.map(
        (person, index) =>
          html`<li
            id="match-${index}"
            role="option"
            data-testid="match-${person.number}"
            aria-selected=${index === this.chosen}
            @pointerdown=${(event: Event) => {
              // The field keeps the focus, and with it the list is there to be clicked.
              event.preventDefault();
            }}
            @click=${() => {
              this.#call(person.number);
            }}
          >
            <span class="who">${person.name || this.written(person.number)}</span>
            ${person.name === '' ? nothing : html`<span class="what">${this.written(person.number)}</span>`}
          </li>`,
      )}
    </ul>`;
  }

  /** Where the number is, whom it belongs to, or that nobody has that name. */
  #about(people: readonly Person[]): string {
    const { number, language, book } = this.model;
    if (!isNumber(number))
      return people.length === 0 && !isDialable(number.trim()) ? this.messages.dial.nobody : '';
    const country = number.length > 3 ? this.#format?.countryOf(number, language) : '';
    return [book.nameOf(number), country]
      .filter((part) => part !== undefined && part !== '')
      .join(' · ');
  }

  get #people(): Person[] {
    const { book, number } = this.model;
    if (!this.open) return [];
    return number === '' ? book.latest() : book.find(number);
  }

  get #format(): ReturnType<typeof numberFormat> {
    return numberFormat(this.model.number, () => {
      this.requestUpdate();
    });
  }

  get #input(): HTMLInputElement | null {
    return this.renderRoot.querySelector('input');
  }

  #show(open: boolean): void {
    this.open = open;
    this.chosen = -1;
  }

  #call(number: string): void {
    this.#show(false);
    this.model.dial(number);
  }

  #take(entry: string): void {
    this.model.setNumber(entry);
    this.#show(entry !== '');
    // Whoever types a name means the best match; a number means itself.
    if (!isNumber(entry)) this.chosen = 0;
  }

  readonly #typed = (event: Event): void => {
    const input = event.currentTarget as HTMLInputElement;
    const { inputType: kind = '', isComposing = false } = event as Partial<InputEvent>;
    if (isComposing) {
      this.#composed = input.value;
      this.#take(cleanEntry(input.value));
      return;
    }
    this.#composed = undefined;
    const caret = input.selectionStart ?? input.value.length;
    const change = { before: this.model.number, text: input.value, caret, kind };
    const edited = editEntry(change, this.#format?.formatNumber);
    this.#take(edited.entry);
    // Assigning a value moves the caret to the end.
    if (input.value !== edited.shown) input.value = edited.shown;
    input.setSelectionRange(edited.caret, edited.caret);
  };

  /** A letter that nothing else takes begins a name. The key itself arrives in the field, which has the focus by then. */
  readonly #typedElsewhere = (event: KeyboardEvent): void => {
    const { key, ctrlKey, metaKey, altKey } = event;
    const taken = event.defaultPrevented || event.composedPath()[0] instanceof HTMLInputElement;
    if (taken || ctrlKey || metaKey || altKey || !/^\p{L}$/u.test(key)) return;
    if (this.model.lettersShown && /^[a-d]$/i.test(key)) return;
    this.#input?.focus();
  };

  readonly #keyed = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    const people = this.#people;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      if (people.length === 0) this.open = true;
      // One more place than people: none is chosen.
      else this.chosen = ((this.chosen + 1 + step + people.length + 1) % (people.length + 1)) - 1;
    } else if (event.key === 'Escape' && people.length > 0) {
      // Closes the list only; the next one clears the field.
      event.stopPropagation();
      event.preventDefault();
      this.#show(false);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      this.#call(people[this.chosen]?.number ?? this.model.number);
    }
  };
}

customElements.define('copperline-number-field', NumberField);

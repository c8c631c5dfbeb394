import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { ModelElement } from './model-element.js';
import { sharedStyles } from './shared-styles.js';

/** Where to hand the call on the screen: to a number, or to the party of the other call. Fires `close`. */
export class TransferPanel extends ModelElement {
  static override styles = [
    sharedStyles,
    css`
      section {
        padding: 14px;
        margin-bottom: 14px;
        border: 1px solid var(--line);
        border-radius: var(--radius-small);
        background: var(--surface-sunken);
      }
      h2 {
        margin: 0 0 10px;
        font-size: 0.9375rem;
      }
      form {
        display: grid;
        gap: 10px;
      }
      input {
        height: 44px;
        width: 100%;
        padding: 0 12px;
        border: 1px solid var(--line-strong);
        border-radius: 10px;
        background: var(--surface);
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
        background: var(--surface);
        border: 1px solid var(--line-strong);
        font-size: 0.875rem;
        font-weight: 600;
      }
      .row .strong {
        border-color: transparent;
        background: var(--accent-fill);
        color: var(--on-strong);
      }
      .row .strong:hover {
        background: var(--accent-fill-strong);
      }
      .row button:disabled {
        opacity: 0.6;
      }
    `,
  ];

  protected override firstUpdated(changed: PropertyValues): void {
    super.firstUpdated(changed);
    this.renderRoot.querySelector('input')?.focus();
  }

  protected override render(): TemplateResult {
    const text = this.messages.transfer;
    const { model } = this;
    const { other } = model.desk;
    const working = model.line?.transferring ?? false;
    const connectable = other?.call.state.name === 'in-call' ? other : undefined;
    return html`<section aria-label=${text.title} @keydown=${this.#keyed}>
      <h2>${text.title}</h2>
      <form @submit=${this.#submit}>
        <input
          name="number"
          type="tel"
          autocomplete="off"
          required
          data-testid="transfer-number"
          aria-label=${text.number}
          placeholder=${text.number}
        />
        <div class="row">
          <button class="strong" type="submit" data-testid="transfer-submit" ?disabled=${working}>
            ${working ? text.working : text.submit}
          </button>
          ${
            connectable === undefined
              ? nothing
              : html`<button
                  type="button"
                  data-testid="transfer-connect"
                  ?disabled=${working}
                  @click=${() => {
                    void model.desk.transfer(connectable);
                  }}
                >
                  ${text.connect(model.nameOf(connectable.call) || connectable.call.number)}
                </button>`
          }
          <button
            type="button"
            data-testid="transfer-cancel"
            @click=${() => {
              this.dispatchEvent(new Event('close'));
            }}
          >
            ${text.cancel}
          </button>
        </div>
      </form>
    </section>`;
  }

  /** Closes the panel and nothing else: outside of it, the key ends the call. */
  readonly #keyed = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    this.dispatchEvent(new Event('close'));
  };

  readonly #submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const value = new FormData(event.currentTarget as HTMLFormElement).get('number');
    if (typeof value === 'string') this.model.transfer(value);
  };
}

customElements.define('copperline-transfer-panel', TransferPanel);

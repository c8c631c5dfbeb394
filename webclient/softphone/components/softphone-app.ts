import { css, html, nothing, type TemplateResult } from 'lit';
import './call-view.js';
import './dial-view.js';
import './elsewhere-view.js';
import { logo, settingsIcon, signOutIcon } from './icons.js';
import './incoming-view.js';
import './live-announcer.js';
import { ModelElement } from './model-element.js';
import './number-list.js';
import './people-panel.js';
import './registration-pill.js';
import './settings-panel.js';
import { sharedStyles } from './shared-styles.js';
import './sign-in-form.js';

/** The page: header, then the sign-in form or the phone. */
export class SoftphoneApp extends ModelElement {
  static override properties = { ...ModelElement.properties, settings: { state: true } };
  declare settings: boolean;
  static override styles = [
    sharedStyles,
    css`
      :host {
        min-height: 100vh;
        min-height: 100dvh;
        display: flex;
        flex-direction: column;
        align-items: center;
        padding: max(16px, env(safe-area-inset-top)) 16px 24px;
      }
      header {
        width: 100%;
        max-width: 400px;
        display: flex;
        align-items: center;
        gap: 12px;
        padding: 8px 4px 16px;
      }
      header.wide {
        max-width: 760px;
      }
      .name {
        flex: 1;
        min-width: 0;
        line-height: 1.2;
      }
      h1 {
        margin: 0;
        font-size: 1.0625rem;
        font-weight: 650;
        letter-spacing: -0.01em;
      }
      .user {
        font-size: 0.8125rem;
        color: var(--text-quiet);
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      header svg {
        display: block;
        flex: none;
      }
      .round {
        width: 40px;
        height: 40px;
        display: grid;
        place-items: center;
        border-radius: 50%;
        color: var(--text-quiet);
      }
      .round svg {
        width: 20px;
        height: 20px;
      }
      .round:hover {
        background: var(--surface-hover);
        color: var(--text);
      }
      main {
        width: 100%;
        display: grid;
        grid-template-columns: minmax(0, 400px);
        justify-content: center;
        align-items: start;
        gap: 20px;
      }
      .card {
        background: var(--surface);
        border: 1px solid var(--line);
        border-radius: var(--radius);
        box-shadow: var(--shadow);
        padding: 24px;
      }
      .loading {
        padding: 64px 24px;
        text-align: center;
      }
      @media (min-width: 800px) {
        main.with-numbers {
          grid-template-columns: 400px 340px;
        }
      }
      @media (max-width: 400px) {
        :host {
          padding-inline: 10px;
        }
        /* What does not fit goes to a line of its own. */
        header {
          flex-wrap: wrap;
          gap: 6px;
        }
        .name {
          flex-basis: 108px;
        }
        copperline-registration-pill {
          order: 1;
          margin-inline-start: auto;
        }
        .round {
          width: 36px;
        }
        .card {
          padding: 18px 16px;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.settings = false;
  }

  protected override render(): TemplateResult {
    const { model } = this;
    const withNumbers = model.signedIn && model.numbers.length > 0;
    return html`
      <header class=${withNumbers ? 'wide' : ''}>
        ${logo}
        <div class="name">
          <h1>${this.messages.product}</h1>
          ${model.signedIn || model.ownership !== 'owner' ? html`<div class="user">${this.#user}</div>` : nothing}
        </div>
        ${
          model.phone === undefined
            ? nothing
            : html`<copperline-registration-pill .model=${model}></copperline-registration-pill>`
        }
        ${model.loading ? nothing : this.#settingsButton()}
        ${model.signedIn ? this.#signOut() : nothing}
      </header>
      <copperline-live-announcer .model=${model}></copperline-live-announcer>
      <main class=${withNumbers ? 'with-numbers' : ''}>
        <section class="card">${this.#settings()} ${this.#body()}</section>
        ${
          withNumbers
            ? html`<copperline-number-list .model=${model}></copperline-number-list>`
            : nothing
        }
      </main>
    `;
  }

  get #user(): string {
    return this.messages.signedInAs(this.model.account?.user ?? '');
  }

  #settingsButton(): TemplateResult {
    return html`<button
      class="round"
      type="button"
      data-testid="settings-button"
      aria-label=${this.messages.settings.open}
      title=${this.messages.settings.open}
      aria-expanded=${this.settings}
      @click=${() => {
        this.settings = !this.settings;
      }}
    >
      ${settingsIcon}
    </button>`;
  }

  #settings(): TemplateResult | typeof nothing {
    if (!this.settings) return nothing;
    return html`<copperline-settings-panel
      .model=${this.model}
      @close=${() => {
        this.settings = false;
        this.renderRoot.querySelector<HTMLElement>('[data-testid=settings-button]')?.focus();
      }}
    ></copperline-settings-panel>`;
  }

  #signOut(): TemplateResult {
    return html`<button
      class="round"
      type="button"
      data-testid="sign-out"
      aria-label=${this.messages.signOut}
      title=${this.messages.signOut}
      @click=${() => {
        this.model.signOut();
      }}
    >
      ${signOutIcon}
    </button>`;
  }

  #body(): TemplateResult {
    const { model } = this;
    if (model.loading) return html`<p class="loading quiet">${this.messages.loading}</p>`;
    if (model.ownership !== 'owner')
      return html`<copperline-elsewhere-view .model=${model}></copperline-elsewhere-view>`;
    if (!model.signedIn)
      return html`<copperline-sign-in-form .model=${model}></copperline-sign-in-form>`;
    if (model.callState.name === 'incoming')
      return html`<copperline-incoming-view .model=${model}></copperline-incoming-view>`;
    return model.inCall
      ? html`<copperline-call-view .model=${model}></copperline-call-view>`
      : html`<copperline-dial-view .model=${model}></copperline-dial-view>
          <copperline-people-panel .model=${model}></copperline-people-panel>`;
  }
}

customElements.define('copperline-softphone', SoftphoneApp);

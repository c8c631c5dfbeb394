import { css, html, type TemplateResult } from 'lit';
import { failureSentence } from '../call-sentence.js';
import { rememberedUser } from '../remembered-user.js';
import { ModelElement } from './model-element.js';
import './notice-box.js';
import { sharedStyles } from './shared-styles.js';

interface Field {
  name: 'user' | 'password' | 'domain' | 'server';
  label: string;
  value: string;
  type?: 'password';
  autocomplete?: 'username' | 'current-password' | 'off';
}

/** User name and password; where to sign in is known when a gateway served the page. */
export class SignInForm extends ModelElement {
  static override styles = [
    sharedStyles,
    css`
      h2 {
        margin: 0 0 4px;
        font-size: 1.375rem;
        letter-spacing: -0.02em;
      }
      p {
        margin: 0 0 20px;
      }
      form {
        display: grid;
        gap: 16px;
      }
      label {
        display: grid;
        gap: 6px;
        font-size: 0.875rem;
        font-weight: 600;
      }
      input {
        width: 100%;
        height: 48px;
        padding: 0 14px;
        border: 1px solid var(--line-strong);
        border-radius: var(--radius-small);
        background: var(--surface);
        font-size: 1rem;
        font-weight: 400;
      }
      input:focus-visible {
        outline-offset: 0;
      }
      summary {
        cursor: pointer;
        padding: 6px 0;
        font-size: 0.875rem;
        color: var(--text-quiet);
        border-radius: 6px;
      }
      details[open] {
        display: grid;
        gap: 16px;
      }
      details label + label {
        margin-top: 16px;
      }
      .hint {
        font-weight: 400;
        color: var(--text-quiet);
      }
      .submit {
        height: 52px;
        border-radius: 26px;
        background: var(--accent-fill);
        color: var(--on-strong);
        font-weight: 650;
        transition: background 0.15s;
      }
      .submit:hover:not(:disabled) {
        background: var(--accent-fill-strong);
      }
      .submit:disabled {
        opacity: 0.65;
      }
    `,
  ];

  protected override render(): TemplateResult {
    const text = this.messages.signIn;
    const { account, connection, phone } = this.model;
    // While the server cannot be reached the form stays usable: its address may be what is wrong.
    const busy = phone !== undefined && connection.name !== 'waiting';
    const typed = account ?? { user: '', domain: '', server: '' };
    return html`
      <h2>${text.title}</h2>
      <p class="quiet">${text.intro}</p>
      <form @submit=${this.#submit} aria-busy=${busy}>
        <copperline-notice-box .sentence=${this.#notice}></copperline-notice-box>
        ${this.#field({
          name: 'user',
          label: text.user,
          value: typed.user === '' ? rememberedUser() : typed.user,
          autocomplete: 'username',
        })}
        ${this.#field({
          name: 'password',
          label: text.password,
          value: '',
          type: 'password',
          autocomplete: 'current-password',
        })}
        <details ?open=${typed.domain === ''}>
          <summary>${text.advanced}</summary>
          ${this.#field({ name: 'domain', label: text.domain, value: typed.domain })}
          ${this.#field({ name: 'server', label: text.server, value: typed.server })}
        </details>
        <button class="submit" type="submit" data-testid="sign-in-button" ?disabled=${busy}>
          ${busy ? text.submitting : text.submit}
        </button>
      </form>
    `;
  }

  get #notice(): string {
    const { connection, registration, notice } = this.model;
    if (connection.name === 'waiting') return failureSentence(connection.failure, this.messages);
    if (registration.name === 'refused')
      return failureSentence(registration.failure, this.messages);
    return notice;
  }

  #field({ name, label, value, type, autocomplete }: Field): TemplateResult {
    return html`<label>
      ${label}
      <input
        name=${name}
        data-testid="sign-in-${name}"
        type=${type ?? 'text'}
        autocomplete=${autocomplete ?? 'off'}
        autocapitalize="none"
        spellcheck="false"
        required
        .value=${value}
      />
      ${name === 'server' ? html`<span class="hint">${this.messages.signIn.serverHint}</span>` : ''}
    </label>`;
  }

  readonly #submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: Field['name']): string => {
      const value = data.get(name);
      return typeof value === 'string' ? value : '';
    };
    const server = text('server').trim();
    if (!/^wss?:\/\/[^/\s]/i.test(server)) {
      this.model.update((model) => {
        model.notice = this.messages.signIn.badServer;
      });
      return;
    }
    this.model.signIn({
      server,
      domain: text('domain').trim(),
      user: text('user').trim(),
      password: text('password'),
    });
  };
}

customElements.define('copperline-sign-in-form', SignInForm);

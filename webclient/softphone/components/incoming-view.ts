import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { isActive } from '../../phone/call-state.js';
import type { CallLine } from '../call-line.js';
import { alertIcon, checkIcon, hangUpIcon, phoneIcon } from './icons.js';
import { ModelElement } from './model-element.js';
import { sharedStyles } from './shared-styles.js';

/** Somebody calls: who, whether the network vouches for the number, and two buttons. */
export class IncomingView extends ModelElement {
  static override properties = { ...ModelElement.properties, compact: { type: Boolean } };
  /** Beside a running call. */
  declare compact: boolean;
  static override styles = [
    sharedStyles,
    css`
      .box {
        display: grid;
        justify-items: center;
        text-align: center;
        padding: 28px 8px 8px;
      }
      .pulse {
        width: 96px;
        height: 96px;
        display: grid;
        place-items: center;
        border-radius: 50%;
        background: var(--go-soft);
        color: var(--go-text);
        animation: pulse 1.5s ease-out infinite;
      }
      .pulse svg {
        width: 40px;
        height: 40px;
      }
      @keyframes pulse {
        from {
          box-shadow: 0 0 0 0 var(--go-soft);
        }
        to {
          box-shadow: 0 0 0 28px transparent;
        }
      }
      .who:focus {
        outline: none;
      }
      .state {
        margin: 24px 0 4px;
        color: var(--text-quiet);
      }
      .name {
        font-size: 1.75rem;
        font-weight: 600;
        letter-spacing: -0.01em;
        line-height: 1.2;
        overflow-wrap: anywhere;
      }
      .number {
        margin-top: 4px;
        font-variant-numeric: tabular-nums;
      }
      .verified {
        display: inline-flex;
        align-items: center;
        gap: 6px;
        margin: 12px 0 0;
        padding: 4px 12px;
        border-radius: 999px;
        font-size: 0.8125rem;
        background: var(--go-soft);
        color: var(--go-text);
      }
      .verified.failed {
        background: var(--wait-soft);
        color: var(--wait);
      }
      .verified svg {
        flex: none;
        width: 16px;
        height: 16px;
      }
      .actions {
        display: flex;
        gap: 56px;
        margin-top: 36px;
      }
      .action {
        display: grid;
        justify-items: center;
        gap: 8px;
        font-size: 0.875rem;
        border-radius: 16px;
      }
      .round {
        width: 72px;
        height: 72px;
        display: grid;
        place-items: center;
        border-radius: 50%;
        color: var(--on-strong);
        background: var(--stop);
      }
      .action:hover .round {
        background: var(--stop-strong);
      }
      .answer .round {
        background: var(--go);
      }
      .answer:hover .round {
        background: var(--go-strong);
      }
      :host([compact]) .box {
        grid-template-columns: 1fr auto;
        justify-items: start;
        text-align: start;
        gap: 0 12px;
        padding: 12px 14px;
        margin-bottom: 16px;
        border-radius: var(--radius-small);
        background: var(--go-soft);
      }
      :host([compact]) :is(.pulse, .verified) {
        display: none;
      }
      :host([compact]) .who {
        min-width: 0;
      }
      :host([compact]) .state {
        margin: 0;
        font-size: 0.8125rem;
        color: var(--text);
      }
      :host([compact]) .name {
        font-size: 1.0625rem;
      }
      :host([compact]) .number {
        display: none;
      }
      :host([compact]) .actions {
        gap: 10px;
        margin: 0;
      }
      :host([compact]) .round {
        width: 48px;
        height: 48px;
      }
      :host([compact]) .action span:last-child {
        position: absolute;
        clip-path: inset(50%);
        width: 1px;
        height: 1px;
        overflow: hidden;
      }
    `,
  ];

  constructor() {
    super();
    this.compact = false;
  }

  protected override firstUpdated(changed: PropertyValues): void {
    super.firstUpdated(changed);
    // Not the answer button: keys meant for another window must not answer. From here Tab leads to it.
    if (!this.compact) this.renderRoot.querySelector<HTMLElement>('.who')?.focus();
  }

  protected override render(): TemplateResult | typeof nothing {
    const line = this.model.desk.ringing;
    if (line === undefined) return nothing;
    return html`<div class="box">
      <div class="pulse" aria-hidden="true">${phoneIcon}</div>
      <div class="who" tabindex="-1">${this.#who(line)}</div>
      ${this.#actions()}
    </div>`;
  }

  #who({ call }: CallLine): TemplateResult {
    const { model } = this;
    const name = model.nameOf(call);
    const unknown = this.messages.incoming.unknown;
    return html`
      <p
        class="state"
        data-testid=${this.compact ? 'second-call' : 'call-state'}
        data-state="incoming"
      >
        ${this.messages.call.incoming}
      </p>
      <div class="name" data-testid="caller">${name || this.written(call.number) || unknown}</div>
      ${name === '' ? nothing : html`<div class="number">${this.written(call.number)}</div>`}
      ${this.#verified(known(call.remote.verified))}
    `;
  }

  #verified(verified: 'passed' | 'failed' | undefined): TemplateResult | typeof nothing {
    const text = this.messages.incoming;
    if (verified === undefined) return nothing;
    const passed = verified === 'passed';
    return html`<p class="verified ${verified}" data-testid="verified">
      ${passed ? checkIcon : alertIcon} ${passed ? text.verified : text.unverified}
    </p>`;
  }

  #actions(): TemplateResult {
    const { model } = this;
    const text = this.messages.incoming;
    const busy = model.desk.lines.some(
      ({ call }) => isActive(call.state) && call.state.name !== 'incoming',
    );
    const answer = busy ? text.holdAndAnswer : text.answer;
    return html`<div class="actions">
      <button
        class="action decline"
        type="button"
        data-testid="decline-button"
        @click=${() => {
          model.decline();
        }}
      >
        <span class="round">${hangUpIcon}</span><span>${text.decline}</span>
      </button>
      <button
        class="action answer"
        type="button"
        data-testid="answer-button"
        @click=${() => {
          model.answer();
        }}
      >
        <span class="round">${phoneIcon}</span><span>${answer}</span>
      </button>
    </div>`;
  }
}

/** Without a word of the network there is nothing to say. */
function known(verified: 'passed' | 'failed' | 'none'): 'passed' | 'failed' | undefined {
  return verified === 'none' ? undefined : verified;
}

customElements.define('copperline-incoming-view', IncomingView);

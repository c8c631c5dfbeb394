import { css, html, nothing, type TemplateResult } from 'lit';
import type { Failure } from '../../phone/failure.js';
import { callSentence, failureSentence } from '../call-sentence.js';
import { phoneIcon } from './icons.js';
import './key-pad.js';
import { ModelElement } from './model-element.js';
import './notice-box.js';
import './number-field.js';
import { sharedStyles } from './shared-styles.js';
import './unlock-box.js';

/** Between calls: how the last one ended, the number field, the keypad, the call button. */
export class DialView extends ModelElement {
  static override styles = [
    sharedStyles,
    css`
      .last {
        min-height: 22px;
        margin: 0 0 12px;
        text-align: center;
        font-size: 0.9375rem;
        color: var(--text-quiet);
      }
      copperline-notice-box {
        margin-bottom: 12px;
      }
      copperline-number-field[searching] + copperline-key-pad {
        display: none;
      }
      .call {
        width: 72px;
        height: 72px;
        margin: 12px auto 0;
        display: grid;
        place-items: center;
        border-radius: 50%;
        background: var(--go);
        color: var(--on-strong);
        transition:
          background 0.15s,
          transform 0.1s;
      }
      .call svg {
        width: 30px;
        height: 30px;
      }
      .call:hover:not(:disabled) {
        background: var(--go-strong);
      }
      .call:active:not(:disabled) {
        transform: scale(0.95);
      }
      .call:disabled {
        background: var(--surface-hover);
        color: var(--text-quiet);
      }
      .back {
        display: block;
        margin: 0 auto 12px;
        min-height: 40px;
        padding: 0 18px;
        border-radius: 20px;
        background: var(--go-soft);
        color: var(--go-text);
        font-weight: 600;
        font-size: 0.875rem;
      }
      .hint {
        margin: 14px 0 0;
        text-align: center;
        font-size: 0.8125rem;
        color: var(--text-quiet);
      }
      @media (hover: none), (max-width: 400px) {
        .hint.keys {
          display: none;
        }
      }
    `,
  ];

  protected override render(): TemplateResult {
    const { model } = this;
    const state = model.callState;
    const sentence = failureSentence(this.#failure, this.messages);
    return html`
      <copperline-unlock-box .model=${model}></copperline-unlock-box>
      ${this.#back()}
      <p class="last" data-testid="call-state" data-state=${state.name}>
        ${this.model.registration.name === 'refused' ? '' : callSentence(state, this.messages)}
      </p>
      <copperline-notice-box .sentence=${sentence}></copperline-notice-box>
      <copperline-number-field .model=${model}></copperline-number-field>
      <copperline-key-pad .model=${model}></copperline-key-pad>
      ${this.#callButton()} ${this.#hint()}
    `;
  }

  /** That calls are impossible now matters more than how the last one ended. */
  get #failure(): Failure | undefined {
    const { registration, callState } = this.model;
    if (registration.name === 'refused') return registration.failure;
    return callState.name === 'ended' ? callState.end.failure : undefined;
  }

  /** While a number for a second call is looked for. */
  #back(): TemplateResult | typeof nothing {
    if (!this.model.desk.adding) return nothing;
    return html`<button
      class="back"
      type="button"
      data-testid="back-button"
      @click=${() => {
        this.model.addCall(false);
      }}
    >
      ${this.messages.line.back}
    </button>`;
  }

  #callButton(): TemplateResult {
    return html`<button
      class="call"
      type="button"
      data-testid="call-button"
      aria-label=${this.messages.dial.call}
      title=${this.messages.dial.call}
      ?disabled=${!this.model.canCall}
      @click=${() => {
        this.model.dial();
      }}
    >
      ${phoneIcon}
    </button>`;
  }

  #hint(): TemplateResult {
    const ready = this.model.registration.name === 'registered';
    const text = ready ? this.messages.dial.shortcuts : this.messages.dial.notReady;
    return html`<p class="hint ${ready ? 'keys' : ''}">${text}</p>`;
  }
}

customElements.define('copperline-dial-view', DialView);

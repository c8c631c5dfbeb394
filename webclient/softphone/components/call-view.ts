import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { callSentence } from '../call-sentence.js';
import { formatDuration } from '../duration.js';
import './call-controls.js';
import './digit-strip.js';
import './incoming-view.js';
import './key-pad.js';
import './level-meter.js';
import { ModelElement } from './model-element.js';
import './notice-box.js';
import './other-call.js';
import './quality-plot.js';
import { sharedStyles } from './shared-styles.js';
import './transfer-panel.js';

/** During a call: who, since when, how loud, the digits, and what can be done. */
export class CallView extends ModelElement {
  static override properties = { ...ModelElement.properties, transferring: { state: true } };
  declare transferring: boolean;
  static override styles = [
    sharedStyles,
    css`
      .who {
        text-align: center;
        padding: 4px 0 8px;
        border-radius: 8px;
      }
      .who:focus {
        outline: none;
      }
      .number {
        font-size: 1.75rem;
        font-weight: 600;
        letter-spacing: -0.01em;
        font-variant-numeric: tabular-nums;
        overflow-wrap: anywhere;
        line-height: 1.2;
      }
      .label {
        margin-top: 2px;
        font-size: 0.9375rem;
      }
      .label:empty {
        display: none;
      }
      .state {
        margin: 4px 0 0;
        font-size: 0.9375rem;
        color: var(--text-quiet);
      }
      .timer {
        margin-top: 6px;
        font-size: 1.125rem;
        font-weight: 600;
        font-variant-numeric: tabular-nums;
        color: var(--go-text);
        min-height: 27px;
      }
      .waiting {
        display: inline-flex;
        gap: 6px;
        align-items: center;
        height: 27px;
      }
      .waiting i {
        width: 8px;
        height: 8px;
        border-radius: 50%;
        background: var(--accent);
        animation: beat 1.2s ease-in-out infinite;
      }
      .waiting i:nth-child(2) {
        animation-delay: 0.2s;
      }
      .waiting i:nth-child(3) {
        animation-delay: 0.4s;
      }
      @keyframes beat {
        0%,
        60%,
        100% {
          opacity: 0.25;
        }
        30% {
          opacity: 1;
        }
      }
      .late {
        margin: 6px 0 0;
        font-size: 0.875rem;
        animation: appear 0.2s 1s both;
      }
      @keyframes appear {
        from {
          opacity: 0;
        }
      }
      copperline-level-meter {
        margin: 8px auto 14px;
      }
      copperline-digit-strip {
        margin-bottom: 14px;
      }
      copperline-notice-box {
        display: block;
      }
      copperline-notice-box[data-filled] {
        margin-bottom: 14px;
      }
      .hint {
        margin: 14px 0 0;
        text-align: center;
        font-size: 0.8125rem;
        color: var(--text-quiet);
      }
      @media (hover: none), (max-width: 400px) {
        .hint {
          display: none;
        }
      }
    `,
  ];
  #ticker: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.transferring = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#ticker = setInterval(() => {
      this.requestUpdate();
    }, 500);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#ticker);
  }

  protected override firstUpdated(changed: PropertyValues): void {
    super.firstUpdated(changed);
    // The field that had the focus is gone. Not the hang-up button: a second Enter must not end the call.
    this.renderRoot.querySelector<HTMLElement>('.who')?.focus();
  }

  protected override render(): TemplateResult {
    const { model } = this;
    const blocked = model.desk.playbackBlocked ? this.messages.playbackBlocked : '';
    const notice = blocked || (model.line?.problem ?? '') || this.#silent;
    return html`
      ${
        model.desk.ringing === undefined
          ? nothing
          : html`<copperline-incoming-view compact .model=${model}></copperline-incoming-view>`
      }
      <copperline-other-call .model=${model}></copperline-other-call>
      <div class="who" tabindex="-1">
        <div class="number">${this.#who.main}</div>
        <div class="label">${this.#who.more}</div>
        <p class="state" data-testid="call-state" data-state=${model.callState.name}>
          ${this.#sentence}
        </p>
        ${this.#timer()}
        ${
          model.callState.name === 'calling'
            ? html`<p class="late">${this.messages.call.allowMicrophone}</p>`
            : nothing
        }
      </div>
      <copperline-level-meter .model=${model}></copperline-level-meter>
      ${
        model.callState.name === 'in-call'
          ? html`<copperline-quality-plot
              .model=${model}
              .line=${model.line}
            ></copperline-quality-plot>`
          : nothing
      }
      <copperline-notice-box
        .sentence=${notice}
        ?data-filled=${notice !== ''}
      ></copperline-notice-box>
      ${this.#transferPanel()}
      <copperline-digit-strip .model=${model} .line=${model.line}></copperline-digit-strip>
      <copperline-key-pad .model=${model}></copperline-key-pad>
      <copperline-call-controls
        .model=${model}
        .transferring=${this.transferring}
        @transfer=${() => {
          this.transferring = !this.transferring;
        }}
      ></copperline-call-controls>
      <p class="hint">${this.messages.controls.shortcuts}</p>
    `;
  }

  /** Why the other side hears nothing, while the call has no microphone. */
  get #silent(): string {
    const change = this.model.line?.microphone;
    return change?.name === 'lost' ? this.messages.line.microphoneLost : '';
  }

  #timer(): TemplateResult {
    const state = this.model.callState;
    if (state.name !== 'in-call') {
      return html`<div class="waiting" aria-hidden="true"><i></i><i></i><i></i></div>`;
    }
    return html`<div
      class="timer"
      role="timer"
      data-testid="timer"
      aria-label=${this.messages.controls.timer}
    >
      ${formatDuration(Date.now() - state.answeredAt)}
    </div>`;
  }

  /** Who is at the other end: the name, where one is known, and the number. */
  get #who(): { main: string; more: string } {
    const { call } = this.model;
    if (call === undefined) return { main: '', more: '' };
    const name = this.model.nameOf(call);
    if (name !== '') return { main: name, more: this.written(call.number) };
    return { main: this.written(call.number) || this.messages.incoming.unknown, more: '' };
  }

  get #sentence(): string {
    const { call, callState } = this.model;
    if (call?.held === true) return this.messages.line.held;
    if (call?.remoteHeld === true) return this.messages.line.remoteHeld;
    return callSentence(callState, this.messages);
  }

  #transferPanel(): TemplateResult | typeof nothing {
    if (!this.transferring || this.model.callState.name !== 'in-call') return nothing;
    return html`<copperline-transfer-panel
      .model=${this.model}
      @close=${() => {
        this.transferring = false;
        this.renderRoot.querySelector<HTMLElement>('.who')?.focus();
      }}
    ></copperline-transfer-panel>`;
  }
}

customElements.define('copperline-call-view', CallView);

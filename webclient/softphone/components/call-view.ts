import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { callSentence } from '../call-sentence.js';
import { formatDuration } from '../duration.js';
import './digit-strip.js';
import { hangUpIcon, microphoneIcon, mutedIcon } from './icons.js';
import './key-pad.js';
import './level-meter.js';
import { ModelElement } from './model-element.js';
import './notice-box.js';
import { sharedStyles } from './shared-styles.js';

/** During a call: who, since when, how loud, the digits, and the three things to do. */
export class CallView extends ModelElement {
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
      .controls {
        display: flex;
        justify-content: center;
        gap: 28px;
        margin-top: 16px;
      }
      .control {
        display: grid;
        justify-items: center;
        gap: 6px;
        font-size: 0.8125rem;
        color: var(--text-quiet);
        border-radius: 16px;
        padding: 4px;
      }
      .round {
        width: 64px;
        height: 64px;
        display: grid;
        place-items: center;
        border-radius: 50%;
        background: var(--surface-sunken);
        color: var(--text);
        transition:
          background 0.15s,
          transform 0.1s;
      }
      .control:hover .round {
        background: var(--surface-hover);
      }
      .control:active .round {
        transform: scale(0.95);
      }
      .control[aria-pressed='true'] .round {
        background: var(--text);
        color: var(--surface);
      }
      .stop .round {
        background: var(--stop);
        color: var(--on-strong);
      }
      .stop:hover .round {
        background: var(--stop-strong);
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
    const blocked = model.playbackBlocked ? this.messages.playbackBlocked : '';
    return html`
      <div class="who" tabindex="-1">
        <div class="number">${model.call?.number}</div>
        <div class="label">${model.callLabel}</div>
        <p class="state" role="status" data-testid="call-state" data-state=${model.callState.name}>
          ${callSentence(model.callState, this.messages)}
        </p>
        ${this.#timer()}
        ${
          model.callState.name === 'calling'
            ? html`<p class="late">${this.messages.call.allowMicrophone}</p>`
            : nothing
        }
      </div>
      <copperline-level-meter .model=${model}></copperline-level-meter>
      <copperline-notice-box .sentence=${blocked}></copperline-notice-box>
      <copperline-digit-strip .model=${model}></copperline-digit-strip>
      <copperline-key-pad .model=${model}></copperline-key-pad>
      ${this.#controls()}
      <p class="hint">${this.messages.controls.shortcuts}</p>
    `;
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

  #controls(): TemplateResult {
    const { model } = this;
    const text = this.messages.controls;
    const muted = model.call?.muted ?? false;
    return html`<div class="controls">
      <button
        class="control"
        type="button"
        data-testid="mute-button"
        aria-pressed=${muted}
        @click=${() => {
          model.toggleMute();
        }}
      >
        <span class="round">${muted ? mutedIcon : microphoneIcon}</span>
        ${muted ? text.unmute : text.mute}
      </button>
      <button
        class="control stop"
        type="button"
        data-testid="hangup-button"
        @click=${() => {
          model.hangUp();
        }}
      >
        <span class="round">${hangUpIcon}</span>
        ${text.hangUp}
      </button>
    </div>`;
  }
}

customElements.define('copperline-call-view', CallView);

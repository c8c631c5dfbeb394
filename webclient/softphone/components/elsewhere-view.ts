import {
  css,
  html,
  nothing,
  type PropertyValues,
  type SVGTemplateResult,
  type TemplateResult,
} from 'lit';
import { isActive } from '../../phone/call-state.js';
import { callSentence } from '../call-sentence.js';
import { formatDuration } from '../duration.js';
import type { SharedCommand, SharedLine } from '../shared-state.js';
import { controlStyles } from './control-styles.js';
import './digit-strip.js';
import { hangUpIcon, microphoneIcon, mutedIcon, pauseIcon, phoneIcon, playIcon } from './icons.js';
import { ModelElement } from './model-element.js';
import './quality-plot.js';
import { sharedStyles } from './shared-styles.js';

interface Button {
  command: SharedCommand;
  icon: SVGTemplateResult;
  label: string;
  kind?: 'stop' | 'go';
  pressed?: boolean;
  disabled?: boolean;
}

/** Another tab is the phone: what it does, buttons that act there, and one that makes this tab the phone. */
export class ElsewhereView extends ModelElement {
  static override styles = [
    sharedStyles,
    controlStyles,
    css`
      header {
        text-align: center;
        padding: 4px 0 18px;
      }
      h2 {
        margin: 0 0 6px;
        font-size: 1.125rem;
        text-wrap: balance;
      }
      header p {
        margin: 0 auto;
        max-width: 34ch;
        font-size: 0.875rem;
      }
      section {
        padding: 18px 14px;
        margin-bottom: 10px;
        border-radius: var(--radius-small);
        background: var(--surface-sunken);
        text-align: center;
      }
      .who {
        font-size: 1.375rem;
        font-weight: 600;
        line-height: 1.2;
        overflow-wrap: anywhere;
        font-variant-numeric: tabular-nums;
      }
      .number {
        font-size: 0.875rem;
        font-variant-numeric: tabular-nums;
      }
      .state {
        margin: 4px 0 0;
        font-size: 0.9375rem;
        color: var(--text-quiet);
      }
      .timer {
        margin-top: 4px;
        font-weight: 600;
        font-variant-numeric: tabular-nums;
        color: var(--go-text);
      }
      copperline-quality-plot {
        margin-top: 8px;
      }
      copperline-digit-strip {
        --surface-sunken: var(--surface);
      }
      section .round {
        background: var(--surface);
      }
      section .go .round {
        background: var(--go);
        color: var(--on-strong);
      }
      section .go:hover .round {
        background: var(--go-strong);
      }
      section .stop .round {
        background: var(--stop);
      }
      section .stop:hover .round {
        background: var(--stop-strong);
      }
      section .control[aria-pressed='true'] .round {
        background: var(--text);
      }
      .ringing .controls {
        gap: 32px;
      }
      .idle {
        margin: 0;
        font-size: 0.9375rem;
        color: var(--text-quiet);
      }
      .take {
        display: block;
        min-height: 48px;
        margin: 18px auto 0;
        padding: 0 24px;
        border-radius: 24px;
        background: var(--accent-fill);
        color: var(--on-strong);
        font-weight: 650;
      }
      .take:hover {
        background: var(--accent-fill-strong);
      }
    `,
  ];
  #ticker: ReturnType<typeof setInterval> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#ticker = setInterval(() => {
      if (this.#up) this.requestUpdate();
    }, 500);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#ticker);
  }

  protected override firstUpdated(changed: PropertyValues): void {
    super.firstUpdated(changed);
    this.renderRoot.querySelector<HTMLElement>('.take')?.focus();
  }

  protected override render(): TemplateResult {
    const text = this.messages.elsewhere;
    const { ownership, remote } = this.model;
    const lines = remote?.lines ?? [];
    return html`<header>
        <div role="status">
          <h2 data-testid="elsewhere">${ownership === 'taken' ? text.taken : text.title}</h2>
        </div>
        <p class="quiet">${text.text}</p>
      </header>
      ${
        remote !== undefined && lines.length === 0
          ? html`<section>
              <p class="idle" role="status" data-testid="remote-idle">${text.idle}</p>
            </section>`
          : lines.map((line) => this.#line(line))
      }
      <button
        class="take"
        type="button"
        data-testid="take-over"
        @click=${() => {
          this.model.takeOver();
        }}
      >
        ${this.#up ? text.takeOverCall : text.takeOver}
      </button>`;
  }

  get #up(): boolean {
    return this.model.remote?.lines.some(({ state }) => state.name === 'in-call') ?? false;
  }

  #line(line: SharedLine): TemplateResult {
    const { number, name, state } = line;
    const main = name || this.written(number) || this.messages.incoming.unknown;
    const up = state.name === 'in-call';
    return html`<section class=${state.name === 'incoming' ? 'ringing' : ''} aria-label=${main}>
      <div class="who" data-testid="remote-who">${main}</div>
      ${name === '' || number === '' ? nothing : html`<div class="number quiet">${this.written(number)}</div>`}
      <p
        class="state"
        role=${state.name === 'incoming' ? 'alert' : 'status'}
        data-testid="remote-state"
        data-state=${state.name}
      >
        ${this.#sentence(line)}
      </p>
      ${
        up
          ? html`<div
                class="timer"
                role="timer"
                data-testid="remote-timer"
                aria-label=${this.messages.controls.timer}
              >
                ${formatDuration(Date.now() - state.answeredAt)}
              </div>
              <copperline-quality-plot .model=${this.model} .line=${line}></copperline-quality-plot>
              ${
                line.digits.length + line.received.length === 0
                  ? nothing
                  : html`<copperline-digit-strip
                      .model=${this.model}
                      .line=${line}
                    ></copperline-digit-strip>`
              }`
          : nothing
      }
      ${this.#controls(line)}
    </section>`;
  }

  #sentence({ state, held, remoteHeld }: SharedLine): string {
    if (held) return this.messages.line.held;
    if (remoteHeld) return this.messages.line.remoteHeld;
    return callSentence(state, this.messages);
  }

  #controls(line: SharedLine): TemplateResult | typeof nothing {
    if (!isActive(line.state)) return nothing;
    const buttons = line.state.name === 'incoming' ? this.#ringing() : this.#running(line);
    return html`<div class="controls">${buttons.map((button) => this.#button(line, button))}</div>`;
  }

  #ringing(): Button[] {
    const { decline, answer } = this.messages.incoming;
    return [
      { command: 'decline', icon: hangUpIcon, label: decline, kind: 'stop' },
      { command: 'answer', icon: phoneIcon, label: answer, kind: 'go' },
    ];
  }

  #running({ muted, held, state }: SharedLine): Button[] {
    const { mute, unmute, hangUp } = this.messages.controls;
    const { hold, resume } = this.messages.line;
    return [
      {
        ...{ command: 'mute', icon: muted ? mutedIcon : microphoneIcon },
        ...{ label: muted ? unmute : mute, pressed: muted },
      },
      {
        ...{ command: 'hold', icon: held ? playIcon : pauseIcon, label: held ? resume : hold },
        ...{ pressed: held, disabled: state.name !== 'in-call' },
      },
      { command: 'hang-up', icon: hangUpIcon, label: hangUp, kind: 'stop' },
    ];
  }

  #button(
    line: SharedLine,
    { command, icon, label, kind, pressed, disabled }: Button,
  ): TemplateResult {
    return html`<button
      class="control ${kind ?? ''}"
      type="button"
      data-testid="remote-${command}"
      aria-pressed=${pressed ?? nothing}
      ?disabled=${disabled ?? false}
      @click=${() => {
        this.model.askOther(command, line.id);
      }}
    >
      <span class="round">${icon}</span>
      ${label}
    </button>`;
  }
}

customElements.define('copperline-elsewhere-view', ElsewhereView);

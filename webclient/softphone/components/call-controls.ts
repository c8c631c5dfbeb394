import { css, html, nothing, type SVGTemplateResult, type TemplateResult } from 'lit';
import {
  addIcon,
  hangUpIcon,
  microphoneIcon,
  mutedIcon,
  pauseIcon,
  playIcon,
  transferIcon,
} from './icons.js';
import { ModelElement } from './model-element.js';
import { sharedStyles } from './shared-styles.js';

interface Control {
  name: string;
  icon: SVGTemplateResult;
  label: string;
  act: () => void;
  pressed?: boolean;
  disabled?: boolean;
  kind?: 'stop';
}

/** What can be done in a call. Fires `transfer` to show or hide where to. */
export class CallControls extends ModelElement {
  static override properties = { ...ModelElement.properties, transferring: { type: Boolean } };
  declare transferring: boolean;
  static override styles = [
    sharedStyles,
    css`
      .controls {
        display: flex;
        justify-content: center;
        flex-wrap: wrap;
        gap: 6px;
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
        width: 56px;
        height: 56px;
        display: grid;
        place-items: center;
        border-radius: 50%;
        background: var(--surface-sunken);
        color: var(--text);
        transition:
          background 0.15s,
          transform 0.1s;
      }
      .control {
        width: 65px;
        padding-inline: 0;
      }
      .control:disabled {
        opacity: 0.55;
      }
      .control:hover:not(:disabled) .round {
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
      @media (max-width: 400px) {
        .controls {
          gap: 4px;
        }
        .control {
          width: 57px;
          padding-inline: 0;
          font-size: 0.75rem;
        }
        .round {
          width: 50px;
          height: 50px;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.transferring = false;
  }

  protected override render(): TemplateResult {
    const { model } = this;
    const text = this.messages.controls;
    const muted = model.call?.muted ?? false;
    const held = model.call?.held ?? false;
    const up = model.callState.name === 'in-call';
    const alone = model.desk.lines.length === 1;
    return html`<div class="controls">
      ${this.#control({
        ...{ name: 'mute', icon: muted ? mutedIcon : microphoneIcon, pressed: muted },
        label: muted ? text.unmute : text.mute,
        act: () => {
          model.toggleMute();
        },
      })}
      ${this.#control({
        ...{ name: 'hold', icon: held ? playIcon : pauseIcon, pressed: held, disabled: !up },
        label: held ? this.messages.line.resume : this.messages.line.hold,
        act: () => {
          model.toggleHold();
        },
      })}
      ${this.#control({
        ...{ name: 'transfer', icon: transferIcon, pressed: this.transferring, disabled: !up },
        label: this.messages.transfer.open,
        act: () => {
          this.dispatchEvent(new Event('transfer'));
        },
      })}
      ${this.#control({
        ...{ name: 'add', icon: addIcon, disabled: !up || !alone },
        label: this.messages.line.add,
        act: () => {
          model.addCall(true);
        },
      })}
      ${this.#control({
        ...{ name: 'hangup', icon: hangUpIcon, kind: 'stop', label: text.hangUp },
        act: () => {
          model.hangUp();
        },
      })}
    </div>`;
  }

  #control({ name, icon, label, pressed, disabled, kind, act }: Control): TemplateResult {
    return html`<button
      class="control ${kind ?? ''}"
      type="button"
      data-testid="${name}-button"
      aria-pressed=${pressed ?? nothing}
      ?disabled=${disabled ?? false}
      @click=${act}
    >
      <span class="round">${icon}</span>
      ${label}
    </button>`;
  }
}

customElements.define('copperline-call-controls', CallControls);

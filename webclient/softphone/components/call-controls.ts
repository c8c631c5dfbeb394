import { html, nothing, type SVGTemplateResult, type TemplateResult } from 'lit';
import { controlStyles } from './control-styles.js';
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
  static override styles = [sharedStyles, controlStyles];

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

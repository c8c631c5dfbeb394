import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import {
  listAudioDevices,
  watchAudioDevices,
  type AudioDevice,
  type AudioDevices,
} from '../../phone/audio-devices.js';
import { LANGUAGES } from '../languages.js';
import type { Preferences } from '../preferences.js';
import './microphone-meter.js';
import { ModelElement } from './model-element.js';
import './pre-call-check.js';
import { sharedStyles } from './shared-styles.js';

/** Which microphone, speaker and ringer to use, and the language. Fires `close`. */
export class SettingsPanel extends ModelElement {
  static override properties = {
    ...ModelElement.properties,
    devices: { state: true },
    testing: { state: true },
  };
  declare devices: AudioDevices;
  declare testing: boolean;
  static override styles = [
    sharedStyles,
    css`
      section {
        display: grid;
        gap: 14px;
        padding-bottom: 18px;
        margin-bottom: 18px;
        border-bottom: 1px solid var(--line);
      }
      h2 {
        margin: 0;
        font-size: 1.0625rem;
      }
      label {
        display: grid;
        gap: 4px;
        font-size: 0.875rem;
        font-weight: 600;
      }
      select {
        width: 100%;
        height: 42px;
        padding: 0 10px;
        border: 1px solid var(--line-strong);
        border-radius: 10px;
        background: var(--surface);
        color: var(--text);
        font: inherit;
        font-weight: 400;
      }
      button {
        justify-self: start;
        min-height: 40px;
        padding: 0 16px;
        border-radius: 20px;
        border: 1px solid var(--line-strong);
        font-size: 0.875rem;
        font-weight: 600;
      }
      button:hover {
        background: var(--surface-hover);
      }
    `,
  ];
  #unwatch: () => void = () => undefined;

  constructor() {
    super();
    this.devices = { microphones: [], speakers: [] };
    this.testing = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unwatch = watchAudioDevices(this.#list);
    this.#list();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unwatch();
  }

  protected override firstUpdated(changed: PropertyValues): void {
    super.firstUpdated(changed);
    this.renderRoot.querySelector<HTMLElement>('select')?.focus();
  }

  protected override render(): TemplateResult {
    const text = this.messages.settings;
    const { microphones, speakers } = this.devices;
    return html`<section aria-label=${text.title} @keydown=${this.#keyed}>
      <h2>${text.title}</h2>
      ${this.#choice('microphone', text.microphone, microphones)} ${this.#test()}
      ${speakers.length === 0 ? nothing : this.#choice('speaker', text.speaker, speakers)}
      ${speakers.length === 0 ? nothing : this.#choice('ringer', text.ringer, speakers)}
      <copperline-pre-call-check .model=${this.model}></copperline-pre-call-check>
      <label>
        ${text.language}
        <select data-testid="language" @change=${this.#languageChosen}>
          ${Object.entries(LANGUAGES).map(
            ([tag, name]) =>
              html`<option value=${tag} lang=${tag} ?selected=${tag === this.model.language}>
                ${name}
              </option>`,
          )}
        </select>
      </label>
      <button
        type="button"
        data-testid="settings-close"
        @click=${() => {
          this.dispatchEvent(new Event('close'));
        }}
      >
        ${text.close}
      </button>
    </section>`;
  }

  #test(): TemplateResult {
    const text = this.messages.settings;
    return this.testing
      ? html`<copperline-microphone-meter
          .device=${this.model.preferences.microphone}
          .label=${text.level}
          @opened=${this.#list}
        ></copperline-microphone-meter>`
      : html`<button
          type="button"
          data-testid="microphone-test"
          @click=${() => {
            this.testing = true;
          }}
        >
          ${text.test}
        </button>`;
  }

  #choice(
    which: 'microphone' | 'speaker' | 'ringer',
    label: string,
    devices: readonly AudioDevice[],
  ): TemplateResult {
    const chosen = this.model.preferences[which];
    return html`<label>
      ${label}
      <select
        data-testid="device-${which}"
        @change=${(event: Event) => {
          this.#choose({ [which]: (event.currentTarget as HTMLSelectElement).value });
        }}
      >
        <option value="">${this.messages.settings.standard}</option>
        ${devices.map(
          ({ id, label: name }, index) =>
            html`<option value=${id} ?selected=${id === chosen}>
              ${name || `${label} ${index + 1}`}
            </option>`,
        )}
      </select>
    </label>`;
  }

  readonly #languageChosen = (event: Event): void => {
    this.#choose({ language: (event.currentTarget as HTMLSelectElement).value });
  };

  #choose(changes: Partial<Preferences>): void {
    void this.model.choose(changes);
  }

  /** Closes the panel and nothing else: outside of it, the key ends the call. */
  readonly #keyed = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    this.dispatchEvent(new Event('close'));
  };

  readonly #list = (): void => {
    void listAudioDevices().then((devices) => {
      this.devices = devices;
    });
  };
}

customElements.define('copperline-settings-panel', SettingsPanel);

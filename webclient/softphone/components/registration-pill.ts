import { css, html, type TemplateResult } from 'lit';
import { ModelElement } from './model-element.js';
import { sharedStyles } from './shared-styles.js';

type Tone = 'go' | 'wait' | 'stop';

/** Whether the phone can be used right now: a dot and two words. */
export class RegistrationPill extends ModelElement {
  static override styles = [
    sharedStyles,
    css`
      .pill {
        display: inline-flex;
        align-items: center;
        gap: 8px;
        padding: 5px 12px 5px 10px;
        border-radius: 999px;
        font-size: 0.8125rem;
        font-weight: 600;
        white-space: nowrap;
      }
      .pill::before {
        content: '';
        width: 8px;
        height: 8px;
        border-radius: 50%;
        background: currentColor;
      }
      .go {
        background: var(--go-soft);
        color: var(--go-text);
      }
      .wait {
        background: var(--wait-soft);
        color: var(--wait);
      }
      .wait::before {
        animation: blink 1.2s ease-in-out infinite;
      }
      .stop {
        background: var(--stop-soft);
        color: var(--stop-text);
      }
      @keyframes blink {
        50% {
          opacity: 0.25;
        }
      }
    `,
  ];
  #ticker: ReturnType<typeof setInterval> | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  protected override render(): TemplateResult {
    const { connection, registration } = this.model;
    const name = connection.name === 'connected' ? registration.name : connection.name;
    const [tone, text] = this.#look();
    return html`<span
      class="pill ${tone}"
      role="status"
      data-testid="registration-state"
      data-state=${name}
      >${text}</span
    >`;
  }

  protected override updated(): void {
    // The countdown to the next attempt needs a tick; nothing else does.
    const waiting = this.model.connection.name === 'waiting';
    if (waiting)
      this.#ticker ??= setInterval(() => {
        this.requestUpdate();
      }, 1000);
    else {
      clearInterval(this.#ticker);
      this.#ticker = undefined;
    }
  }

  #look(): [Tone, string] {
    const { connection, registration } = this.model;
    const text = this.messages.registration;
    if (connection.name === 'waiting') {
      const seconds = Math.max(1, Math.ceil((connection.retryAt - Date.now()) / 1000));
      return ['stop', text.retrying(seconds)];
    }
    if (connection.name === 'connecting') return ['wait', text.connecting];
    if (connection.name === 'disconnected') return ['stop', text.offline];
    if (registration.name === 'registered') return ['go', text.registered];
    if (registration.name === 'refused') return ['stop', text.refused];
    return ['wait', text.registering];
  }
}

customElements.define('copperline-registration-pill', RegistrationPill);

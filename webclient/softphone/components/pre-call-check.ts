import { css, html, nothing, type TemplateResult } from 'lit';
import { checkCalling } from '../../phone/pre-call-check.js';
import type { CheckVerdict, PreCallReport } from '../../phone/pre-call-types.js';
import { checkSentences, type CheckPart } from '../check-sentences.js';
import { iceServersFor } from '../gateway-offer.js';
import { ModelElement } from './model-element.js';
import { sharedStyles } from './shared-styles.js';

const PARTS: readonly CheckPart[] = ['microphone', 'webSocket', 'udp', 'turn'];

/** Whether calls will work here, as a traffic light, and a call to hear oneself. Fires `close` (bubbling) when that call begins. */
export class PreCallCheck extends ModelElement {
  static override properties = {
    ...ModelElement.properties,
    report: { state: true },
    running: { state: true },
  };
  declare report: PreCallReport | undefined;
  declare running: boolean;
  static override styles = [
    sharedStyles,
    css`
      h3 {
        margin: 0 0 8px;
        font-size: 0.875rem;
        font-weight: 600;
      }
      ul {
        list-style: none;
        margin: 0 0 10px;
        padding: 0;
        display: grid;
        gap: 8px;
      }
      li {
        display: flex;
        gap: 10px;
        font-size: 0.875rem;
        line-height: 1.35;
      }
      /* Told by shape as well as by colour. */
      i {
        flex: none;
        width: 14px;
        height: 14px;
        margin-top: 2px;
        border-radius: 50%;
        border: 3px solid var(--text-quiet);
      }
      li[data-verdict='good'] i {
        background: var(--go);
        border-color: var(--go);
      }
      li[data-verdict='limited'] i {
        border-color: var(--wait);
        background: linear-gradient(to top, var(--wait) 50%, transparent 50%);
      }
      li[data-verdict='bad'] i {
        border-radius: 3px;
        background: var(--stop);
        border-color: var(--stop);
      }
      b {
        font-weight: 600;
      }
      .buttons {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
      button {
        min-height: 40px;
        padding: 0 16px;
        border-radius: 20px;
        border: 1px solid var(--line-strong);
        font-size: 0.875rem;
        font-weight: 600;
      }
      button:hover:not(:disabled) {
        background: var(--surface-hover);
      }
      button:disabled {
        opacity: 0.55;
      }
    `,
  ];
  #over = new AbortController();

  constructor() {
    super();
    this.report = undefined;
    this.running = false;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#over.abort();
  }

  protected override render(): TemplateResult {
    const text = this.messages.check;
    const state = this.running ? 'running' : (this.report?.verdict ?? 'idle');
    return html`<h3>${text.title}</h3>
      <div role="status" data-testid="check" data-state=${state}>
        ${this.running ? html`<p class="quiet">${text.running}</p>` : this.#lights()}
      </div>
      <div class="buttons">
        <button
          type="button"
          data-testid="check-button"
          ?disabled=${this.running}
          @click=${() => void this.#run()}
        >
          ${this.report === undefined ? text.start : text.again}
        </button>
        ${this.#testCall()}
      </div>`;
  }

  #lights(): TemplateResult | typeof nothing {
    const { report } = this;
    if (report === undefined) return nothing;
    const sentences = checkSentences(report, this.messages);
    return html`<ul>
      ${PARTS.map((part) => this.#light(part, report[part].verdict, sentences[part]))}
    </ul>`;
  }

  #light(part: CheckPart, verdict: CheckVerdict, sentence: string): TemplateResult {
    const { parts, verdicts } = this.messages.check;
    return html`<li data-testid="check-${part}" data-verdict=${verdict}>
      <i aria-hidden="true"></i>
      <span><b>${parts[part]}: ${verdicts[verdict]}.</b> ${sentence}</span>
    </li>`;
  }

  #testCall(): TemplateResult | typeof nothing {
    const { model } = this;
    const { testNumber } = model.gateway;
    if (testNumber === undefined || !model.signedIn) return nothing;
    const disabled = this.running || model.inCall || model.registration.name !== 'registered';
    return html`<button
      type="button"
      data-testid="test-call-button"
      ?disabled=${disabled}
      @click=${() => {
        model.dial(testNumber);
        this.dispatchEvent(new Event('close', { bubbles: true, composed: true }));
      }}
    >
      ${this.messages.check.testCall}
    </button>`;
  }

  async #run(): Promise<void> {
    const { account, phone, gateway, preferences } = this.model;
    if (account === undefined || this.running) return;
    const over = new AbortController();
    this.#over = over;
    this.running = true;
    const { microphone } = preferences;
    try {
      this.report = await checkCalling({
        ...{ server: account.server, iceServers: iceServersFor(account, gateway) },
        microphone: microphone === '' ? {} : { deviceId: { ideal: microphone } },
        ...{ phone, testNumber: gateway.testNumber, signal: over.signal },
      });
    } catch {
      // The panel was closed meanwhile; nobody waits for an answer.
    }
    this.running = false;
  }
}

customElements.define('copperline-pre-call-check', PreCallCheck);

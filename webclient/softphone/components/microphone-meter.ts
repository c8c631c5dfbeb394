import { css, html, LitElement, type TemplateResult } from 'lit';
import { PhoneError } from '../../phone/failure.js';
import { openMicrophone } from '../../phone/microphone.js';
import { sharedStyles } from './shared-styles.js';

/** How loud a microphone is, for as long as it is shown. Opens it by itself and closes it again. */
export class MicrophoneMeter extends LitElement {
  static override properties = { device: {}, label: {}, problem: { state: true } };
  declare device: string;
  declare label: string;
  declare problem: string;
  static override styles = [
    sharedStyles,
    css`
      .bar {
        height: 8px;
        border-radius: 4px;
        background: var(--surface-hover);
        overflow: hidden;
      }
      i {
        display: block;
        height: 100%;
        background: var(--go);
        transform-origin: left;
        transform: scaleX(0);
      }
      p {
        margin: 6px 0 0;
        font-size: 0.8125rem;
        color: var(--stop-text);
      }
    `,
  ];
  #stop: () => void = () => undefined;

  constructor() {
    super();
    this.device = '';
    this.label = '';
    this.problem = '';
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop();
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('device')) void this.#measure();
  }

  protected override render(): TemplateResult {
    return html`<div
        class="bar"
        role="meter"
        data-testid="microphone-level"
        aria-label=${this.label}
        aria-valuemin="0"
        aria-valuemax="100"
        aria-valuenow="0"
      >
        <i></i>
      </div>
      ${this.problem === '' ? '' : html`<p role="alert">${this.problem}</p>`}`;
  }

  async #measure(): Promise<void> {
    this.#stop();
    const over = new AbortController();
    this.#stop = () => {
      over.abort();
    };
    try {
      const wanted = this.device === '' ? {} : { deviceId: { ideal: this.device } };
      const stream = await openMicrophone(wanted);
      this.problem = '';
      if (over.signal.aborted || !this.isConnected) stop(stream);
      else this.#show(stream, over.signal);
      // Names of devices are known only now.
      this.dispatchEvent(new Event('opened'));
    } catch (thrown) {
      this.problem = thrown instanceof PhoneError ? thrown.failure.sentence : String(thrown);
    }
  }

  #show(stream: MediaStream, signal: AbortSignal): void {
    const context = new AudioContext();
    const analyser = new AnalyserNode(context, { fftSize: 512 });
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const draw = (): void => {
      if (signal.aborted) return;
      requestAnimationFrame(draw);
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      const level = Math.min(1, Math.max(0, 1 + (10 * Math.log10(power + 1e-9)) / 60));
      const bar = this.renderRoot.querySelector<HTMLElement>('i');
      if (bar !== null) bar.style.transform = `scaleX(${level.toFixed(2)})`;
      const percent = String(Math.round(level * 100));
      this.renderRoot.querySelector('.bar')?.setAttribute('aria-valuenow', percent);
    };
    draw();
    signal.addEventListener('abort', () => {
      stop(stream);
      void context.close();
    });
  }
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

customElements.define('copperline-microphone-meter', MicrophoneMeter);

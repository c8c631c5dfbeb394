import { css, html, svg, type TemplateResult } from 'lit';
import type { CallQuality } from '../../phone/quality.js';
import type { CallLine } from '../call-line.js';
import { ModelElement } from './model-element.js';
import { sharedStyles } from './shared-styles.js';

const WIDTH = 120;
const HEIGHT = 28;
const READINGS = 30;

/** How good the call sounds: a word, the last minute as a line of MOS values, and the numbers behind it. */
export class QualityPlot extends ModelElement {
  static override properties = { ...ModelElement.properties, line: { attribute: false } };
  /** Of this tab or of another one. */
  declare line: Pick<CallLine, 'quality'> | undefined;
  static override styles = [
    sharedStyles,
    css`
      .quality {
        display: flex;
        align-items: center;
        justify-content: center;
        gap: 10px;
        min-height: 28px;
        margin-bottom: 12px;
        font-size: 0.8125rem;
        color: var(--text-quiet);
      }
      b {
        font-weight: 650;
      }
      .good {
        color: var(--go-text);
      }
      .fair {
        color: var(--wait);
      }
      .poor {
        color: var(--stop-text);
      }
      .quality > * {
        white-space: nowrap;
      }
      svg {
        display: block;
        flex: 0 1 120px;
        min-width: 0;
      }
      circle {
        fill: currentColor;
      }
      polyline {
        fill: none;
        stroke: currentColor;
        stroke-width: 2;
        stroke-linejoin: round;
        stroke-linecap: round;
      }
      line {
        stroke: var(--line);
      }
    `,
  ];

  protected override render(): TemplateResult {
    const text = this.messages.quality;
    const readings = this.line?.quality ?? [];
    const last = readings.at(-1);
    const mos = last?.mos;
    if (last === undefined || mos === undefined)
      return html`<div class="quality" data-testid="quality">${text.measuring}</div>`;
    const grade = mos >= 4 ? 'good' : mos >= 3.3 ? 'fair' : 'poor';
    const details = this.#details(last);
    return html`<div
      class="quality"
      role="group"
      data-testid="quality"
      data-grade=${grade}
      aria-label="${text.label}: ${text[grade]}, ${details}"
      title=${details}
    >
      <b class=${grade}>${text[grade]}</b>
      <svg
        class=${grade}
        viewBox="0 0 ${WIDTH} ${HEIGHT}"
        height=${HEIGHT}
        preserveAspectRatio="xMaxYMid slice"
        aria-hidden="true"
      >
        ${plot(readings)}
      </svg>
      <span>MOS ${this.#number(mos, 1)}</span>
      ${last.codec === undefined ? '' : html`<span>${last.codec.toUpperCase()}</span>`}
    </div>`;
  }

  #details({ lossPercent, jitterMs, roundTripMs }: CallQuality): string {
    const trip = roundTripMs === undefined ? '–' : this.#number(roundTripMs, 0);
    return this.messages.quality.details(
      this.#number(lossPercent, 1),
      this.#number(jitterMs, 0),
      trip,
    );
  }

  #number(value: number, digits: number): string {
    return value.toLocaleString(this.model.language, { maximumFractionDigits: digits });
  }
}

/** MOS 1 at the bottom, 4.5 at the top; the newest reading at the right. */
function plot(readings: readonly CallQuality[]): TemplateResult<2> {
  const step = (WIDTH - 6) / (READINGS - 1);
  const from = WIDTH - 3 - (readings.length - 1) * step;
  const y = (mos: number): number => HEIGHT - 2 - ((mos - 1) / 3.5) * (HEIGHT - 4);
  const points = readings
    .map(({ mos }, index) => `${(from + index * step).toFixed(1)},${y(mos ?? 1).toFixed(1)}`)
    .join(' ');
  const newest = y(readings.at(-1)?.mos ?? 1).toFixed(1);
  return svg`<line x1="0" x2=${WIDTH} y1=${HEIGHT - 1} y2=${HEIGHT - 1} /><polyline points=${points} />
    <circle cx=${WIDTH - 3} cy=${newest} r="2.5" />`;
}

customElements.define('copperline-quality-plot', QualityPlot);

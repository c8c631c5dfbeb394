import { LitElement } from 'lit';
import type { Messages } from '../messages.js';
import { showEntry } from '../number-edit.js';
import type { SoftphoneModel } from '../softphone-model.js';
import { numberFormat } from './number-formatting.js';

/** A component that shows the model and renders again whenever it changes. */
export class ModelElement extends LitElement {
  static override properties = { model: { attribute: false } };
  declare model: SoftphoneModel;
  #stop: (() => void) | undefined;

  protected get messages(): Messages {
    return this.model.messages;
  }

  /** A number as people write it, as soon as the numbering plans are loaded. */
  protected written(number: string): string {
    const format = numberFormat(number, () => {
      this.requestUpdate();
    });
    return showEntry(number, format?.formatNumber);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#listen();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
    this.#stop = undefined;
  }

  protected override shouldUpdate(): boolean {
    // Before the page hands it over there is nothing to show.
    return (this.model as SoftphoneModel | undefined) !== undefined;
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has('model')) return;
    this.#stop?.();
    this.#stop = undefined;
    this.#listen();
  }

  #listen(): void {
    const model = this.model as SoftphoneModel | undefined;
    if (model === undefined || this.#stop !== undefined || !this.isConnected) return;
    this.#stop = model.on('change', () => {
      this.requestUpdate();
    });
  }
}

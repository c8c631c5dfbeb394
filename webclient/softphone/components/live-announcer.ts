import { css, html, type TemplateResult } from 'lit';
import type { CallLine } from '../call-line.js';
import { callSentence } from '../call-sentence.js';
import { ModelElement } from './model-element.js';
import { sharedStyles } from './shared-styles.js';

/**
 * Tells those who do not see the page what becomes of the calls. It is on the page all the time: a live region (ARIA section 6.6) that appears
 * together with its text is often not read out, and the views come and go.
 */
export class LiveAnnouncer extends ModelElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        position: absolute;
      }
    `,
  ];

  protected override render(): TemplateResult {
    const { desk } = this.model;
    const { ringing, shown } = desk;
    const calls =
      ringing === undefined ? '' : this.messages.incoming.notification(this.#who(ringing));
    // Who rings is told above.
    const state = shown === undefined || shown === ringing ? '' : this.#sentence(shown);
    return html`<div class="sr-only">
      <div role="alert" data-testid="announced-call">${calls}</div>
      <div role="status" data-testid="announced-state">${state}</div>
    </div>`;
  }

  #sentence(line: CallLine): string {
    const { call, state } = line;
    const { held, remoteHeld } = this.messages.line;
    const sentence = call.held
      ? held
      : call.remoteHeld
        ? remoteHeld
        : callSentence(state, this.messages);
    return state.name === 'ended' ? sentence : `${this.#who(line)}: ${sentence}`;
  }

  #who({ call }: CallLine): string {
    return this.model.nameOf(call) || call.number || this.messages.incoming.unknown;
  }
}

customElements.define('copperline-live-announcer', LiveAnnouncer);

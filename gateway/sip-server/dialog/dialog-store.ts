import type { SipMessage } from '../message/sip-message.js';
import { getHeader } from '../message/headers.js';
import { tagOf } from '../message/name-addr.js';
import type { Application } from './application.js';
import type { Dialog } from './dialog.js';

/** All dialogs, found by their id (applications) and by Call-ID and tags (network). */
export class DialogStore {
  readonly #byId = new Map<string, Dialog>();
  readonly #byLocalTag = new Map<string, Dialog>();

  get size(): number {
    return this.#byId.size;
  }

  /** A dialog of the same id (an earlier fork, an earlier attempt with the same tag) is replaced. */
  add(dialog: Dialog): void {
    this.#byId.set(dialog.id, dialog);
    this.#byLocalTag.set(localKey(dialog.callId, dialog.localTag), dialog);
  }

  /** Idempotent. */
  remove(dialog: Dialog): void {
    dialog.ended = true;
    dialog.invites.outgoing?.patience?.cancel();
    dialog.session?.timer.cancel();
    dialog.session = undefined;
    dialog.expiry?.cancel();
    if (this.#byId.get(dialog.id) === dialog) this.#byId.delete(dialog.id);
    const key = localKey(dialog.callId, dialog.localTag);
    if (this.#byLocalTag.get(key) === dialog) this.#byLocalTag.delete(key);
  }

  clear(): void {
    for (const dialog of [...this.#byId.values()]) this.remove(dialog);
  }

  /** The application's own dialog of that id; those of others do not exist for it. */
  ofApplication(application: Application, id: string): Dialog | undefined {
    const dialog = this.#byId.get(id);
    return dialog?.application === application ? dialog : undefined;
  }

  allOf(application: Application): Dialog[] {
    return [...this.#byId.values()].filter((dialog) => dialog.application === application);
  }

  /** The dialog that a request from the network belongs to (RFC 3261 section 12.2.2). */
  forRequest(request: SipMessage): Dialog | undefined {
    const localTag = tagOf(getHeader(request, 'To'));
    if (localTag === undefined) return undefined;
    const dialog = this.#byLocalTag.get(localKey(getHeader(request, 'Call-ID') ?? '', localTag));
    return dialog?.isFrom(tagOf(getHeader(request, 'From'))) === true ? dialog : undefined;
  }

  /** The dialog that a response to one of our requests may belong to, whatever fork sent it. */
  forResponse(response: SipMessage): Dialog | undefined {
    const localTag = tagOf(getHeader(response, 'From'));
    if (localTag === undefined) return undefined;
    return this.#byLocalTag.get(localKey(getHeader(response, 'Call-ID') ?? '', localTag));
  }
}

function localKey(callId: string, localTag: string): string {
  return `${callId}\n${localTag}`;
}

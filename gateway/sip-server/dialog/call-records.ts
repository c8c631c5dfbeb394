import type { Applications } from './application.js';
import type { SipMessage } from '../message/sip-message.js';
import type { CallEnd, CallRecord, CallRole } from './call-record.js';

/** A dialog, as far as records go. */
interface Recorded {
  /** The start of its call was told, its end was not. */
  recorded: boolean;
}

/** Tells one of the subscribed applications, in turn, of each event. */
export class CallRecords {
  readonly #applications: Applications;

  constructor(applications: Applications) {
    this.#applications = applications;
  }

  attempt(source: CallRecord['source'], message: SipMessage): void {
    this.#tell({ event: 'attempt', source, message, detail: undefined });
  }

  start(source: CallRecord['source'], message: SipMessage, role: CallRole): void {
    this.#tell({ event: 'start', source, message, detail: role });
  }

  stop(source: CallRecord['source'], message: SipMessage, reason: CallEnd): void {
    this.#tell({ event: 'stop', source, message, detail: reason });
  }

  /** The start of a dialog's call; nothing happens when it was told before. */
  answered(
    dialog: Recorded,
    start: { source: CallRecord['source']; message: SipMessage; role: CallRole },
  ): void {
    if (dialog.recorded) return;
    dialog.recorded = true;
    this.start(start.source, start.message, start.role);
  }

  /** The end of a dialog's call, told once, and only of a call whose start was told. */
  ended(
    dialog: Recorded,
    stop: { source: CallRecord['source']; message: SipMessage; reason: CallEnd },
  ): void {
    if (!dialog.recorded) return;
    dialog.recorded = false;
    this.stop(stop.source, stop.message, stop.reason);
  }

  #tell(record: CallRecord): void {
    this.#applications.pick(`cdr:${record.event}`)?.report(record);
  }
}

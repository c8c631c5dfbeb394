import type { Clock } from '../../kernel/clock.js';
import type { Log } from '../../kernel/log.js';
import type { Secret } from '../../kernel/secret.js';
import type { TransactionLayer } from '../transaction/transaction.js';
import type { Applications } from './application.js';
import type { CallRecords } from './call-records.js';
import type { ConnectionCache } from './connection-cache.js';
import type { DialogStore } from './dialog-store.js';
import type { FlowSelector } from './flow-selector.js';
import type { LocalName } from './local-name.js';
import type { OwnAddresses } from './own-addresses.js';
import type { Refresher } from './session-expires.js';

/** RFC 3261 section 17.1.1.1. */
export const T1_MS = 500;
/** How long a peer goes on trying: timers B, F and H. */
export const GIVE_UP_MS = 64 * T1_MS;

/** What the parts of the SIP core share. */
export interface CoreContext {
  readonly clock: Clock;
  readonly log: Log;
  transactions(): TransactionLayer;
  readonly applications: Applications;
  readonly dialogs: DialogStore;
  readonly cache: ConnectionCache;
  readonly flows: FlowSelector;
  readonly own: OwnAddresses;
  readonly records: CallRecords;
  /** Who refreshes a session when the offer leaves it open; undefined: then there is no session timer. */
  readonly defaultRefresher: Refresher | undefined;
  /** Marks our Record-Routes as our own. */
  readonly routeKey: Secret;
  /** Dialogs that the server is ending by itself: what close() waits for. */
  readonly endings: Set<Promise<unknown>>;
  /** For a request that found no way out and is only echoed to its application. */
  readonly fallbackName: LocalName;
}

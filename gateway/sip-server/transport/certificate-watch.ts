import type { Clock, Timer } from '../../kernel/clock.js';
import type { Log } from '../../kernel/log.js';
import type { TlsKeys } from './tls-keys.js';

/** Certificates are renewed every few weeks; a glance at the files costs nothing. */
const LOOK_EVERY_MS = 60_000;

/** Has new certificates used without a restart. */
export class CertificateWatch {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #keys: TlsKeys[] = [];
  #timer: Timer | undefined;
  #stopped = false;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** From now on. */
  add(keys: TlsKeys): void {
    this.#keys.push(keys);
    if (this.#timer === undefined) this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async reload(): Promise<void> {
    for (const keys of this.#keys) await keys.reload();
  }

  #arm(): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.setTimer(() => {
      this.#look()
        .catch((error: unknown) => {
          this.#log.error({ err: error }, 'the changed TLS certificates are not used');
        })
        .finally(() => {
          this.#arm();
        });
    }, LOOK_EVERY_MS);
  }

  async #look(): Promise<void> {
    for (const keys of this.#keys) {
      if (!(await keys.changed())) continue;
      await keys.reload();
      this.#log.info({}, 'the TLS certificates were read again');
    }
  }
}

import type { Clock } from '../../kernel/clock.js';
import { selfSignedCertificate, type DtlsCertificate } from './self-signed-certificate.js';

/**
 * The certificates of a worker. New calls share one, until it is as old as the settings allow; the calls that have it keep it.
 */
export class DtlsCertificates {
  readonly #clock: Clock;
  readonly #maxAgeMs: number;
  #shared: { certificate: DtlsCertificate; madeAt: number };

  constructor(clock: Clock, maxAgeMs: number) {
    this.#clock = clock;
    this.#maxAgeMs = maxAgeMs;
    this.#shared = this.#make();
  }

  /** For a new call. */
  current(): DtlsCertificate {
    if (this.#clock.monotonic() - this.#shared.madeAt >= this.#maxAgeMs)
      this.#shared = this.#make();
    return this.#shared.certificate;
  }

  /**
   * For a second transport of a call: only another fingerprint makes a browser, which keeps its DTLS association through an ICE
   * restart, begin a new one (RFC 8842 section 4).
   */
  another(): DtlsCertificate {
    return selfSignedCertificate(this.#clock.now());
  }

  #make(): { certificate: DtlsCertificate; madeAt: number } {
    return { certificate: this.another(), madeAt: this.#clock.monotonic() };
  }
}

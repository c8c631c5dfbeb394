import type { Clock, Timer } from '../../kernel/clock.js';
import { flightDatagrams, type Flight } from './flight-datagrams.js';
import type { RecordLayer } from './record-layer.js';

/**
 * RFC 6347 section 4.2.4.1 asks for 1 s where nothing is known of the path, and allows less for media (last paragraph). ICE has just
 * measured this path: hardly one takes 100 ms, and a second of silence is what a caller hears. A flight is one or two datagrams.
 */
const FIRST_TIMEOUT_MS = 100;
/** The RFC's 60 s are longer than anybody listens to nothing; by more loss than a flight a second outlives there is no call. */
const LAST_TIMEOUT_MS = 1000;
/** Half of the shortest time-out in use (BoringSSL's 50 ms in browsers): what is on the way is not sent again. */
const LEAST_INTERVAL_MS = 25;

export interface FlightSenderOptions {
  clock: Clock;
  layer: RecordLayer;
  send(datagram: Buffer): void;
}

/** Sends a flight until the peer's next one has come (the state machine of RFC 6347 section 4.2.4). */
export class FlightSender {
  readonly #options: FlightSenderOptions;
  #flight: Flight = [];
  #timer: Timer | undefined;
  #timeoutMs = FIRST_TIMEOUT_MS;
  #sentAt = 0;
  #repeated = false;
  #stopped = false;

  constructor(options: FlightSenderOptions) {
    this.#options = options;
  }

  /** Sends it now, and again and again until the next flight, answered() or stop(). */
  send(flight: Flight): void {
    this.answered();
    this.#flight = flight;
    this.#emit();
    this.#arm();
  }

  /** Nothing will answer this flight: it is sent again only when the peer repeats the one before. */
  sendLast(flight: Flight): void {
    this.answered();
    this.#flight = flight;
    this.#emit();
  }

  /** The peer's next flight is here. The time-out stays up as long as flights are lost (section 4.2.4.1). */
  answered(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (!this.#repeated) this.#timeoutMs = FIRST_TIMEOUT_MS;
    this.#repeated = false;
    this.#flight = [];
  }

  /** The peer has sent its last flight again: it lacks ours. In the clear anybody may say so, hence the interval. */
  peerRepeated(): void {
    const elapsed = this.#options.clock.monotonic() - this.#sentAt;
    if (elapsed >= LEAST_INTERVAL_MS) this.#emit();
  }

  stop(): void {
    this.#stopped = true;
    this.answered();
  }

  #arm(): void {
    if (this.#stopped) return;
    this.#timer = this.#options.clock.setTimer(() => {
      this.#repeated = true;
      this.#timeoutMs = Math.min(2 * this.#timeoutMs, LAST_TIMEOUT_MS);
      this.#emit();
      this.#arm();
    }, this.#timeoutMs);
  }

  #emit(): void {
    this.#sentAt = this.#options.clock.monotonic();
    for (const datagram of flightDatagrams(this.#flight, this.#options.layer)) {
      if (this.#stopped) return;
      this.#options.send(datagram);
    }
  }
}

import { HEADER_BYTES, TRANSACTION_AT } from './stun-format.js';
import type { StunMessage } from './stun-message.js';
import type { Endpoint } from './stun-response.js';

/** A browser sends some 25 checks a minute. */
const REMEMBERED = 128;

/**
 * The checks of the last minutes by their transaction ids. Integrity covers no address: without this, whoever has seen a check could
 * send it again from elsewhere and so draw the media there.
 */
export class SeenChecks {
  readonly #from = new Map<string, Endpoint>();

  /** False for a copy of a check that came from another address. A repetition from the same one is the peer's, who missed our answer. */
  isOwn({ packet }: StunMessage, { address, port }: Endpoint): boolean {
    const id = packet.toString('latin1', TRANSACTION_AT, HEADER_BYTES);
    const first = this.#from.get(id);
    if (first !== undefined) return first.port === port && first.address === address;
    this.#from.set(id, { address, port });
    const [oldest] = this.#from.keys();
    if (this.#from.size > REMEMBERED && oldest !== undefined) this.#from.delete(oldest);
    return true;
  }
}

import type { Flow, NetworkAddress } from '../transport/transport.js';
import type { UdpLedger } from './udp-ledger.js';

const RESPONSE = Buffer.from('SIP/2.0 ');

export function addressKey({ host, port }: NetworkAddress): string {
  return `${host}|${port}`;
}

/** A UDP flow whose responses are booked: what the ledger does not allow is not sent, as if the network had lost it. */
export class GuardedFlow implements Flow {
  readonly protocol = 'udp';
  readonly reliable = false;
  readonly #flow: Flow;
  readonly #ledger: UdpLedger;
  /** The request carried credentials: a 2xx to it shows that the challenge had arrived. */
  readonly #credentials: boolean;

  constructor(flow: Flow, ledger: UdpLedger, credentials: boolean) {
    this.#flow = flow;
    this.#ledger = ledger;
    this.#credentials = credentials;
  }

  get id(): string {
    return this.#flow.id;
  }

  get local(): NetworkAddress {
    return this.#flow.local;
  }

  get advertised(): NetworkAddress {
    return this.#flow.advertised;
  }

  get remote(): NetworkAddress {
    return this.#flow.remote;
  }

  get closed(): AbortSignal {
    return this.#flow.closed;
  }

  send(bytes: Buffer): Promise<void> {
    // Requests go where an application wants them.
    if (bytes.compare(RESPONSE, 0, RESPONSE.length, 0, RESPONSE.length) !== 0)
      return this.#flow.send(bytes);
    const key = addressKey(this.#flow.remote);
    const status = Number(bytes.toString('latin1', RESPONSE.length, RESPONSE.length + 3));
    if (this.#credentials && status >= 200 && status < 300) this.#ledger.verify(key);
    return this.#ledger.allows(key, status, bytes.length)
      ? this.#flow.send(bytes)
      : Promise.resolve();
  }
}

import type { Clock } from '../../../gateway/kernel/clock.js';
import type { SipMessage } from '../../../gateway/sip-server/message/sip-message.js';
import type { Flow, NetworkAddress } from '../../../gateway/sip-server/transport/transport.js';
import { parseOrThrow } from './requests.js';

/** What happens to one sent message: the delays in ms of the copies that arrive; none when it is lost. */
export type Fate = (packet: Packet) => readonly number[];

export interface Packet {
  from: 'a' | 'b';
  /** ms on the clock. */
  at: number;
  message: SipMessage;
  /** `INVITE`, `200 INVITE`. */
  label: string;
}

export interface LinkOptions {
  clock: Clock;
  /** True: like a WebSocket, for the transactions. */
  reliable?: boolean;
  fate?: Fate;
}

const ADDRESSES: Readonly<Record<'a' | 'b', NetworkAddress>> = {
  a: { host: '192.0.2.1', port: 5060 },
  b: { host: '192.0.2.2', port: 5060 },
};

/** Two ends that exchange serialized SIP over a network that loses, doubles, delays and reorders as told. */
export class SimulatedLink {
  readonly a: LinkEnd;
  readonly b: LinkEnd;
  /** Everything that was sent, arrived or not. */
  readonly sent: Packet[] = [];
  fate: Fate;
  /** When set, sends reject with it. */
  failure: Error | undefined;
  readonly #clock: Clock;

  constructor(options: LinkOptions) {
    this.#clock = options.clock;
    this.fate = options.fate ?? (() => [0]);
    const reliable = options.reliable ?? false;
    this.a = new LinkEnd(this, 'a', reliable);
    this.b = new LinkEnd(this, 'b', reliable);
  }

  /** `a INVITE @0` ... of what was sent, for short assertions. */
  trace(filter: RegExp = /./): string[] {
    return this.sent
      .map((packet) => `${packet.from} ${packet.label} @${packet.at}`)
      .filter((line) => filter.test(line));
  }

  /** Times at which packets of that label went out. */
  times(label: string): number[] {
    return this.sent.filter((packet) => packet.label === label).map((packet) => packet.at);
  }

  carry(from: 'a' | 'b', bytes: Buffer): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const copy = Buffer.from(bytes);
    const message = parseOrThrow(copy);
    const packet = { from, at: this.#clock.monotonic(), message, label: label(message) };
    this.sent.push(packet);
    const to = from === 'a' ? this.b : this.a;
    for (const delayMs of this.fate(packet))
      this.#clock.setTimer(() => {
        // Each copy is parsed anew, so that no end sees the other's objects.
        to.onMessage(parseOrThrow(Buffer.from(copy)), to);
      }, delayMs);
    return Promise.resolve();
  }
}

export class LinkEnd implements Flow {
  readonly id: string;
  readonly protocol: 'udp' | 'ws';
  readonly local: NetworkAddress;
  readonly advertised: NetworkAddress;
  readonly remote: NetworkAddress;
  readonly reliable: boolean;
  readonly closing = new AbortController();
  onMessage: (message: SipMessage, flow: Flow) => void = () => undefined;
  readonly #link: SimulatedLink;
  readonly #name: 'a' | 'b';

  constructor(link: SimulatedLink, name: 'a' | 'b', reliable: boolean) {
    this.#link = link;
    this.#name = name;
    this.id = `link-${name}`;
    this.reliable = reliable;
    this.protocol = reliable ? 'ws' : 'udp';
    this.local = ADDRESSES[name];
    this.advertised = ADDRESSES[name];
    this.remote = ADDRESSES[name === 'a' ? 'b' : 'a'];
  }

  get closed(): AbortSignal {
    return this.closing.signal;
  }

  send(bytes: Buffer): Promise<void> {
    return this.#link.carry(this.#name, bytes);
  }
}

function label(message: SipMessage): string {
  const cseq = message.headers.find((header) => header.name.toLowerCase() === 'cseq')?.value ?? '';
  const method = cseq.split(' ')[1] ?? '';
  return message.kind === 'request' ? method : `${message.status} ${method}`;
}

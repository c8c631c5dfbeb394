import type { Socket } from 'node:dgram';
import { nextFlowId } from './flow-id.js';
import type { Flow, NetworkAddress } from './transport.js';

/** 65535 less the IPv4 and UDP headers. */
const MAX_UDP_PAYLOAD = 65_507;

export interface UdpFlowOptions {
  socket: Socket;
  local: NetworkAddress;
  advertised: NetworkAddress;
  remote: NetworkAddress;
  /** Never aborted; one for all flows of the listener. */
  closed: AbortSignal;
}

/** The listener's socket and one remote address. */
export class UdpFlow implements Flow {
  readonly id = nextFlowId('udp');
  readonly protocol = 'udp';
  readonly reliable = false;
  readonly local: NetworkAddress;
  readonly advertised: NetworkAddress;
  readonly remote: NetworkAddress;
  readonly closed: AbortSignal;
  readonly #socket: Socket;

  constructor(options: UdpFlowOptions) {
    this.#socket = options.socket;
    this.local = options.local;
    this.advertised = options.advertised;
    this.remote = options.remote;
    this.closed = options.closed;
  }

  send(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      if (bytes.length > MAX_UDP_PAYLOAD) {
        reject(new Error(`The message of ${bytes.length} bytes does not fit a UDP datagram.`));
        return;
      }
      // Throws when the socket is closed; the promise then rejects.
      this.#socket.send(bytes, this.remote.port, this.remote.host, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  }
}

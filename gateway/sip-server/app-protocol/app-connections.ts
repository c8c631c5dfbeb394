import type { Socket } from 'node:net';
import { AppConnection, type AppConnectionServices } from './app-connection.js';

/** Far more than anybody runs; each one costs a socket and its buffers. */
const MAX_CONNECTIONS = 10_000;
/** Of them, connections from outside that have not authenticated. */
const MAX_STRANGERS = 100;

/** All connections to applications, whoever opened them, and the choice of one for each new request. */
export class AppConnections {
  readonly #services: AppConnectionServices;
  readonly #connections = new Set<AppConnection>();
  /** How many requests each method (and tag) has handed out: the position of its round robin. */
  readonly #turns = new Map<string, number>();

  constructor(services: Omit<AppConnectionServices, 'onClosed'>) {
    this.#services = {
      ...services,
      onClosed: (connection) => {
        this.#connections.delete(connection);
        services.commands.applicationGone(connection);
      },
    };
  }

  get size(): number {
    return this.#connections.size;
  }

  /** A connection that an application opened. */
  accept(socket: Socket): void {
    const strangers = [...this.#connections].filter(({ connected }) => !connected).length;
    if (this.#connections.size >= MAX_CONNECTIONS || strangers >= MAX_STRANGERS) {
      this.#services.log.warn({}, 'too many application connections; one was refused');
      socket.destroy();
      return;
    }
    this.#connections.add(new AppConnection(socket, this.#services, { inbound: true }));
  }

  /**
   * A connection that we opened; the application authenticates on it all the same. Rejects when it does not, or
   * closes.
   */
  adopt(socket: Socket): Promise<AppConnection> {
    return new Promise((resolve, reject) => {
      const connection: AppConnection = new AppConnection(socket, this.#services, {
        inbound: false,
        onAuthenticated: () => {
          resolve(connection);
        },
        onClosed: () => {
          reject(new Error('The application closed the connection or did not authenticate.'));
        },
      });
      this.#connections.add(connection);
    });
  }

  /**
   * The next application, in turn, that asked for this method (and, if given, authenticated with this tag).
   * Connections that we opened serve the request that they were opened for, and its dialog.
   */
  pick(method: string, tag?: string): AppConnection | undefined {
    const verb = method.toLowerCase();
    const takers = [...this.#connections].filter(
      ({ connected, inbound, verbs, tags }) =>
        connected && inbound && verbs.has(verb) && (tag === undefined || tags.has(tag)),
    );
    if (takers.length === 0) return undefined;
    const key = tag === undefined ? verb : `${verb} ${tag}`;
    const turn = this.#turns.get(key) ?? 0;
    // A verb per method of a peer's invention would make this grow.
    if (this.#turns.size < 1_000 || this.#turns.has(key)) this.#turns.set(key, turn + 1);
    return takers[turn % takers.length];
  }

  /** What applications take new requests of, as they spelled it. */
  verbs(): string[] {
    return [...this.#connections].flatMap(({ connected, inbound, verbs }) =>
      connected && inbound ? [...verbs] : [],
    );
  }

  close(): void {
    for (const connection of [...this.#connections]) connection.close();
  }
}

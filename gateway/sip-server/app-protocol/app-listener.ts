import { createServer, type Server, type Socket } from 'node:net';
import type { Application, Applications } from '../dialog/application.js';
import type { NetworkAddress } from '../transport/transport.js';
import { AppConnection, type AppConnectionServices } from './app-connection.js';

/** The TCP door for applications, and the choice of one for each new request. */
export class AppListener implements Applications {
  readonly #services: AppConnectionServices;
  readonly #connections = new Set<AppConnection>();
  readonly #server: Server;
  /** How many requests each method has handed out: the position of its round robin. */
  readonly #turns = new Map<string, number>();

  constructor(services: Omit<AppConnectionServices, 'onClosed'>) {
    this.#services = {
      ...services,
      onClosed: (connection) => {
        this.#connections.delete(connection);
        services.commands.applicationGone(connection);
      },
    };
    this.#server = createServer((socket) => {
      this.#accept(socket);
    });
  }

  /**
   * Resolves with the bound address.
   * @throws the error of node:net, code EADDRINUSE among them
   */
  listen(where: NetworkAddress): Promise<NetworkAddress> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(where.port, where.host, () => {
        this.#server.off('error', reject);
        const bound = this.#server.address();
        const port = bound !== null && typeof bound !== 'string' ? bound.port : where.port;
        resolve({ host: where.host, port });
      });
    });
  }

  get size(): number {
    return this.#connections.size;
  }

  pick(method: string): Application | undefined {
    const verb = method.toLowerCase();
    const takers = [...this.#connections].filter(
      (connection) => connection.connected && connection.verbs.has(verb),
    );
    if (takers.length === 0) return undefined;
    const turn = this.#turns.get(verb) ?? 0;
    this.#turns.set(verb, turn + 1);
    return takers[turn % takers.length];
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
    for (const connection of [...this.#connections]) connection.close();
    await closed;
  }

  #accept(socket: Socket): void {
    this.#connections.add(new AppConnection(socket, this.#services));
  }
}

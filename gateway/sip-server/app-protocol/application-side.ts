import { CopperlineError } from '../../kernel/errors.js';
import type { Secret } from '../../kernel/secret.js';
import type { Application, Applications, RoutingDecision } from '../dialog/application.js';
import { bracketHost } from '../message/host-port.js';
import type { SipRequest } from '../message/sip-message.js';
import type { TlsKeys } from '../transport/tls-keys.js';
import type { Flow, NetworkAddress } from '../transport/transport.js';
import type { AppConnectionServices } from './app-connection.js';
import { AppConnections } from './app-connections.js';
import { AppListener } from './app-listener.js';
import { RequestHandlers, type RequestHandler } from './request-handlers.js';

export interface ApplicationSideOptions {
  services: Omit<AppConnectionServices, 'onClosed'> & { secret: Secret };
  handlers: readonly RequestHandler[];
}

/** Everything towards applications: the doors, the connections, and who gets which request. */
export class ApplicationSide implements Applications {
  readonly #connections: AppConnections;
  readonly #handlers: RequestHandlers;
  readonly #doors: AppListener[] = [];

  constructor({ services, handlers }: ApplicationSideOptions) {
    const { clock, log } = services;
    this.#connections = new AppConnections(services);
    const connections = this.#connections;
    this.#handlers = new RequestHandlers({ handlers, connections, clock, log });
  }

  get size(): number {
    return this.#connections.size;
  }

  /**
   * Opens a door; over TLS when there are keys. Resolves with the bound address.
   * @throws CopperlineError CL_START_PORT_IN_USE (as a rejection)
   */
  async listen(where: NetworkAddress, keys?: TlsKeys): Promise<NetworkAddress> {
    const door = new AppListener((socket) => {
      this.#connections.accept(socket);
    }, keys?.serverOptions());
    keys?.onReload(() => {
      door.setSecureContext(keys.ownPair());
    });
    try {
      const address = await door.listen(where);
      this.#doors.push(door);
      return address;
    } catch (error) {
      throw new CopperlineError('CL_START_PORT_IN_USE', {
        sentence: `The TCP address ${bracketHost(where.host)}:${where.port} for SIP applications ${whyNot(error)}.`,
        cause: error,
      });
    }
  }

  pick(method: string): Application | undefined {
    return this.#connections.pick(method);
  }

  methods(): readonly string[] {
    const names = [...this.#connections.verbs(), ...this.#handlers.methods()];
    return [...new Set(names.map((name) => name.toUpperCase()))];
  }

  ask(request: SipRequest, flow: Flow, signal: AbortSignal): Promise<RoutingDecision> | undefined {
    return this.#handlers.ask(request, flow, signal);
  }

  async close(): Promise<void> {
    this.#connections.close();
    for (const door of this.#doors) await door.close();
  }
}

function whyNot(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be bound (${code})`;
}

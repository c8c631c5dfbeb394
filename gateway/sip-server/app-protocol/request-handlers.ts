import type { Clock } from '../../kernel/clock.js';
import type { Log } from '../../kernel/log.js';
import type { RoutingDecision } from '../dialog/application.js';
import type { SipRequest } from '../message/sip-message.js';
import type { Flow } from '../transport/transport.js';
import type { AppConnections } from './app-connections.js';
import { dialApplication, parseDialTarget } from './app-dialer.js';
import { parseHandlerAnswer, type HandlerAnswer } from './handler-answer.js';
import { handlerQuestion } from './handler-question.js';
import { askOverHttp } from './http-client.js';

/** Who says where new requests of a method go, instead of the applications' own `route` commands. */
export interface RequestHandler {
  /** In capitals; `*` for every method that has no handler of its own. */
  method: string;
  /** `http://` or `https://`: asked for each request. `tcp://host:port`, `tls://host:port`: an application itself. */
  url: string;
  /** Default GET; POST sends the SIP message along. */
  httpMethod?: 'GET' | 'POST';
  /** False takes any certificate of a `tls` application. Default true. */
  verifyPeer?: boolean;
}

export interface RequestHandlersParts {
  handlers: readonly RequestHandler[];
  connections: AppConnections;
  clock: Clock;
  log: Log;
}

/** Decides on new requests by asking the handlers that are configured. */
export class RequestHandlers {
  readonly #parts: RequestHandlersParts;

  constructor(parts: RequestHandlersParts) {
    this.#parts = parts;
  }

  methods(): string[] {
    return this.#parts.handlers.map(({ method }) => method);
  }

  /** Undefined when no handler is for this method. Never rejects. */
  ask(request: SipRequest, flow: Flow, signal: AbortSignal): Promise<RoutingDecision> | undefined {
    const { handlers } = this.#parts;
    const handler =
      handlers.find(({ method }) => method === request.method) ??
      handlers.find(({ method }) => method === '*');
    if (handler === undefined) return undefined;
    return this.#decide(handler, { request, flow, signal }).catch((error: unknown) => {
      this.#parts.log.warn({ err: error, url: handler.url }, 'a request handler failed');
      return { kind: 'answer', status: 500 };
    });
  }

  async #decide(
    handler: RequestHandler,
    asked: { request: SipRequest; flow: Flow; signal: AbortSignal },
  ): Promise<RoutingDecision> {
    const { url, httpMethod = 'GET' } = handler;
    if (/^(?:tcp|tls):/i.test(url)) return this.#connect(url, handler, asked.signal);
    const question = handlerQuestion({ url, httpMethod }, asked.request, asked.flow);
    const answer = parseHandlerAnswer(await askOverHttp(question, this.#parts.clock, asked.signal));
    if (answer === undefined) throw new Error('The request handler gave no usable answer.');
    return this.#follow(answer, handler, asked);
  }

  async #follow(
    answer: HandlerAnswer,
    handler: RequestHandler,
    asked: { request: SipRequest; signal: AbortSignal },
  ): Promise<RoutingDecision> {
    switch (answer.action) {
      case 'route-uri':
        return this.#connect(answer.uri, handler, asked.signal);
      case 'route-tag': {
        const application = this.#parts.connections.pick(asked.request.method, answer.tag);
        return application === undefined ? NOBODY : { kind: 'application', application };
      }
      case 'answer': {
        const { status, reason, headers } = answer;
        return {
          kind: 'answer',
          status,
          ...(reason === undefined ? {} : { reason }),
          ...(headers === undefined ? {} : { headers }),
        };
      }
      case 'proxy':
        return { kind: 'proxy', plan: answer.plan };
    }
  }

  async #connect(
    where: string,
    handler: RequestHandler,
    signal: AbortSignal,
  ): Promise<RoutingDecision> {
    const target = parseDialTarget(where, handler.verifyPeer ?? true);
    if (target === undefined) throw new Error(`"${where}" is no address of an application.`);
    try {
      const socket = await dialApplication(target, this.#parts.clock, signal);
      const application = await this.#parts.connections.adopt(socket);
      // The caller has given up meanwhile: the application was connected for nothing.
      if (signal.aborted) application.close();
      return { kind: 'application', application };
    } catch (error) {
      this.#parts.log.warn({ err: error, where }, 'an application could not be reached');
      return NOBODY;
    }
  }
}

/** Nobody is there to take the request, for now. */
const NOBODY: RoutingDecision = { kind: 'answer', status: 480 };

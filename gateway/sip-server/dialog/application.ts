import type { SipMessage, SipRequest, SipResponse } from '../message/sip-message.js';
import type { SipHeader } from '../message/sip-message.js';
import type { ProxyPlan, ProxyReporter } from '../proxy/proxy-command.js';
import type { Flow } from '../transport/transport.js';
import type { CallRecord } from './call-record.js';

/** One SIP message on its way to an application. */
export interface ApplicationEvent {
  /** `application` for a request that the server itself sent and now reports. */
  source: 'network' | 'application';
  message: SipMessage;
  /** Where it came from (or went to); undefined for a response made here. */
  flow: Flow | undefined;
  transactionId: string;
  /** Empty outside dialogs. */
  dialogId: string;
  /** True for a request outside any dialog: the application is told where it was received. */
  outsideDialog?: boolean;
}

/** An application as the SIP core sees it. */
export interface Application {
  readonly id: string;
  /** False once its connection is gone; nothing can be delivered then. */
  readonly connected: boolean;
  /** Never throws. */
  deliver(event: ApplicationEvent): void;
  /** Never throws. */
  report(record: CallRecord): void;
}

/** Who deals with a new request, when somebody had to be asked. */
export type RoutingDecision =
  | { kind: 'application'; application: Application }
  | { kind: 'answer'; status: number; reason?: string; headers?: SipHeader[] }
  | { kind: 'proxy'; plan: ProxyPlan };

/** The applications that are connected and authenticated. */
export interface Applications {
  /** The next application, in turn, that asked for requests of this method. */
  pick(method: string): Application | undefined;
  /** What somebody takes requests of, in capitals. */
  methods(): readonly string[];
  /**
   * Asks the request handler that is configured for this method; undefined when none is. Never rejects; the
   * signal ends the wait.
   */
  ask(request: SipRequest, flow: Flow, signal: AbortSignal): Promise<RoutingDecision> | undefined;
}

/** The headers and body that an application supplies; the core fills in the rest. */
export interface RequestDraft {
  method: string;
  uri: string;
  headers: SipHeader[];
  body: Buffer;
}

export interface ResponseDraft {
  status: number;
  reason: string;
  headers: SipHeader[];
  body: Buffer;
}

/** What became of an application's command. */
export type CommandOutcome =
  | {
      kind: 'request-sent';
      request: SipRequest;
      /** Undefined when nothing could be sent: the failure follows as a response made here. */
      flow: Flow | undefined;
      transactionId: string;
    }
  | {
      kind: 'response-sent';
      response: SipResponse;
      flow: Flow;
      transactionId: string;
      dialogId: string;
    }
  | { kind: 'refused'; sentence: string };

/** Called exactly once, and before any event of the transaction that the command started. */
export type OutcomeCallback = (outcome: CommandOutcome) => void;

/** What applications can ask of the SIP core. */
export interface ApplicationCommands {
  respond(application: Application, transactionId: string, draft: ResponseDraft): CommandOutcome;
  request(
    application: Application,
    command: { draft: RequestDraft; routeUrl: string | undefined },
    done: OutcomeCallback,
  ): void;
  requestInDialog(
    application: Application,
    command: { draft: RequestDraft; dialogId: string },
    done: OutcomeCallback,
  ): void;
  cancel(application: Application, transactionId: string, draft: RequestDraft): CommandOutcome;
  /** Proxies a request that waits for an answer; the reports come in the order of the events. */
  proxy(
    application: Application,
    command: { transactionId: string; plan: ProxyPlan },
    report: ProxyReporter,
  ): void;
  /** The connection is gone: ends whatever only this application could have ended. */
  applicationGone(application: Application): void;
}

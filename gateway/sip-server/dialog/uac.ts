import { newUuid } from '../../kernel/ids.js';
import { serializeSipMessage } from '../message/serialize.js';
import type { SipRequest } from '../message/sip-message.js';
import { cancelOf } from '../transaction/hop-requests.js';
import type { Flow } from '../transport/transport.js';
import type { Application, CommandOutcome, OutcomeCallback, RequestDraft } from './application.js';
import type { CoreContext } from './core-context.js';
import type { Dialog } from './dialog.js';
import { passedHeaders } from './draft-headers.js';
import { sendWithFailover } from './failover-client.js';
import type { FlowChoice } from './flow-choice.js';
import { localNameOf, type LocalName } from './local-name.js';
import { OutgoingRequest } from './outgoing-request.js';
import { buildOutsideRequest, type DraftDefect } from './request-outside.js';
import { ResponseRules } from './response-rules.js';

export const refused = (sentence: string): CommandOutcome => ({ kind: 'refused', sentence });

/**
 * An application learns of its request by the echo and may listen for responses only a turn of its event loop
 * later. One that came in the same packet as the echo would be lost on it.
 */
const LOCAL_RESPONSE_DELAY_MS = 20;

/** The client role: requests of applications, on their way into the network. */
export class Uac {
  readonly #context: CoreContext;
  readonly #rules: ResponseRules;
  /** Without a final response, by the application protocol's id. */
  readonly #pending = new Map<string, OutgoingRequest>();

  constructor(context: CoreContext) {
    this.#context = context;
    this.#rules = new ResponseRules(context, (outgoing) => {
      this.#forget(outgoing);
    });
  }

  get size(): number {
    return this.#pending.size;
  }

  /** A request outside dialogs. */
  request(
    application: Application,
    command: { draft: RequestDraft; routeUrl: string | undefined },
    done: OutcomeCallback,
  ): void {
    const { draft } = command;
    if (draft.method === 'ACK' || draft.method === 'CANCEL') {
      done(refused(`${draft.method} needs the dialog or transaction that it belongs to`));
      return;
    }
    // Applications may give a bare number.
    const uri = /^\+?\d+$/.test(draft.uri) ? `sip:${draft.uri}@localhost` : draft.uri;
    const build = (name: LocalName): SipRequest | DraftDefect =>
      buildOutsideRequest({ ...draft, uri }, name, this.#context.clock);
    this.#context.flows
      .outside(uri, command.routeUrl, () => sizeOf(build(this.#context.fallbackName)))
      .then((choice) => {
        this.start({ application, choice, build, dialog: undefined }, done);
      })
      .catch((error: unknown) => {
        this.#context.log.error({ err: error }, 'a request could not be sent: bug');
        done(refused('failed sending'));
      });
  }

  /** Sends (or reports why not) what `build` makes for the flow that was found. */
  start(
    parts: {
      application: Application;
      choice: FlowChoice;
      dialog: Dialog | undefined;
      build(name: LocalName): SipRequest | DraftDefect;
    },
    done: OutcomeCallback,
  ): OutgoingRequest | undefined {
    const { application, choice, dialog } = parts;
    if (choice.kind === 'refused' || !application.connected) {
      done(refused(choice.kind === 'refused' ? choice.sentence : 'The application is gone'));
      return undefined;
    }
    const flow = choice.kind === 'flow' ? choice.flow : undefined;
    const name = flow === undefined ? this.#context.fallbackName : localNameOf(flow);
    const request = parts.build(name);
    if ('sentence' in request) {
      done(refused(request.sentence));
      return undefined;
    }
    const outgoing = new OutgoingRequest(this.#context, {
      application,
      request,
      dialog,
      rule: this.#rules,
    });
    if (choice.kind === 'flow') this.#send(outgoing, choice);
    this.#record(outgoing);
    done(this.#sent(outgoing, flow));
    outgoing.announced();
    if (choice.kind === 'failed') this.#failLater(outgoing, choice);
    return outgoing;
  }

  /** RFC 3261 section 9.1; before the first provisional response the CANCEL waits below. */
  cancel(application: Application, id: string, draft: RequestDraft): CommandOutcome {
    const outgoing = this.#pending.get(id);
    const client = outgoing?.client;
    if (outgoing?.application !== application || client === undefined)
      return refused(`unable to cancel unknown transaction id: ${id}`);
    if (outgoing.method !== 'INVITE') return refused('Only an INVITE can be cancelled');
    const { flow } = client;
    const extra = passedHeaders(draft.headers, localNameOf(flow), new Set());
    if (!outgoing.cancelled) this.#cancel(outgoing, extra);
    const request = cancelOf(client.request, extra);
    return { kind: 'request-sent', request, flow, transactionId: newUuid() };
  }

  applicationGone(application: Application): void {
    for (const outgoing of [...this.#pending.values()]) {
      if (outgoing.application !== application) continue;
      if (outgoing.method === 'INVITE' && !outgoing.cancelled) this.#cancel(outgoing, []);
      this.#forget(outgoing);
    }
  }

  close(): void {
    for (const outgoing of [...this.#pending.values()]) this.#forget(outgoing);
  }

  #send(outgoing: OutgoingRequest, choice: Extract<FlowChoice, { kind: 'flow' }>): void {
    const client = sendWithFailover({
      request: outgoing.request,
      choice,
      transactions: this.#context.transactions(),
      handlers: outgoing,
      onMoved: (request) => {
        outgoing.request = request;
      },
    });
    outgoing.client = client;
    outgoing.request = client.request;
    this.#pending.set(outgoing.id, outgoing);
  }

  /** The response that no peer will send. */
  #failLater(
    outgoing: OutgoingRequest,
    failure: { status: number; reason: string; why?: string | undefined },
  ): void {
    this.#pending.set(outgoing.id, outgoing);
    outgoing.delay = this.#context.clock.setTimer(() => {
      outgoing.makeResponse(failure.status, failure);
    }, LOCAL_RESPONSE_DELAY_MS);
  }

  #sent(outgoing: OutgoingRequest, flow: Flow | undefined): CommandOutcome {
    const { request, id } = outgoing;
    return { kind: 'request-sent', request, flow, transactionId: id };
  }

  #cancel(outgoing: OutgoingRequest, headers: { name: string; value: string }[]): void {
    outgoing.cancelled = true;
    outgoing.client?.cancel(headers);
  }

  #record({ request, dialog, method }: OutgoingRequest): void {
    const { records } = this.#context;
    if (dialog === undefined && method === 'INVITE') records.attempt('application', request);
    if (dialog !== undefined && method === 'BYE')
      records.ended(dialog, { source: 'application', message: request, reason: 'normal-release' });
  }

  #forget(outgoing: OutgoingRequest): void {
    outgoing.delay?.cancel();
    this.#pending.delete(outgoing.id);
  }
}

/** With room for the Via that is not there yet. */
const VIA_BYTES = 120;

function sizeOf(request: SipRequest | DraftDefect): number {
  return 'sentence' in request ? 0 : serializeSipMessage(request).length + VIA_BYTES;
}

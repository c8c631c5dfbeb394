import type { Log } from '../kernel/log.js';
import type { Authenticator } from './authentication.js';
import type { BrowserFlow, BrowserFlows } from './browser-flows.js';
import { oneCallOnly } from './call-pass.js';
import type { SipLink } from './drachtio-connection.js';
import type { DrachtioEndpoint } from './drachtio-endpoint.js';
import { ALLOWED_METHODS, sendReply } from './drachtio-responses.js';
import type { WireRequest, WireResponse } from './drachtio-wire.js';
import type { Registrar } from './registrar.js';
import { refusalReply } from './replies.js';
import { extensionRefusal } from './required-extensions.js';
import type { SipReply, SipRequest } from './sip-request.js';

export interface IncomingRequestsOptions {
  endpoint: DrachtioEndpoint;
  registrar: Registrar;
  authenticator: Authenticator;
  flows: BrowserFlows;
  log: Log;
}

/** Methods outside a dialog that exist, but that the gateway does not serve: answered, so that nobody waits. */
const UNSERVED_METHODS = ['message', 'info', 'notify', 'subscribe', 'publish', 'refer', 'update'];

/** Spreads the requests outside dialogs that come on one connection to the SIP server. */
export function serveIncomingRequests(link: SipLink, options: IncomingRequestsOptions): void {
  const { srf } = link;
  const serve = (
    method: string,
    handle: (request: WireRequest, response: WireResponse) => void,
  ): void => {
    srf.use(method, (request, response) => {
      try {
        const refusal = extensionRefusal(request) ?? passMethodRefusal(request, options.flows);
        if (refusal === undefined) handle(request, response);
        else sendReply(response, refusal);
      } catch (error) {
        options.log.error({ err: error, method }, 'a SIP request could not be handled');
        sendReply(response, { status: 500, headers: {} });
      }
    });
  };
  serve('invite', (request, response) => {
    options.endpoint.accept({ request, response, link, view: view(request, options.flows) });
  });
  serve('register', (request, response) => {
    answerRegister(view(request, options.flows), options)
      .then((reply) => {
        sendReply(response, reply);
      })
      .catch((error: unknown) => {
        options.log.error({ err: error }, 'a REGISTER could not be answered');
        sendReply(response, { status: 500, headers: {} });
      });
  });
  serve('options', (_request, response) => {
    const headers = { Allow: ALLOWED_METHODS, Accept: 'application/sdp' };
    sendReply(response, { status: 200, headers });
  });
  for (const method of UNSERVED_METHODS) {
    serve(method, (request, response) => {
      sendReply(response, refuseMethod(request.method));
    });
  }
}

async function answerRegister(
  request: SipRequest,
  { registrar, authenticator }: IncomingRequestsOptions,
): Promise<SipReply> {
  const { flow } = request;
  if (flow === undefined) {
    const sentence = `Only browsers may register, and ${request.source} is none of this gateway.`;
    return refusalReply({ status: 403, code: 'CL_SIP_NOT_A_BROWSER', sentence });
  }
  const verdict = authenticator.check(request, 401);
  if (verdict.kind === 'refused') return refusalReply(verdict.refusal);
  return registrar.register(request, verdict.user, flow);
}

/** A one-call token is for an INVITE; what it says is checked by the endpoint. */
function passMethodRefusal(request: WireRequest, flows: BrowserFlows): SipReply | undefined {
  if (request.method === 'INVITE') return undefined;
  const { flow } = view(request, flows);
  return flow?.pass === undefined ? undefined : refusalReply(oneCallOnly(request.method));
}

/** RFC 3261 section 8.2.1: 405 with the methods that are allowed. */
function refuseMethod(method: string): SipReply {
  const sentence = `The gateway does not serve ${method} outside a call.`;
  const headers = { Allow: ALLOWED_METHODS };
  return refusalReply({ status: 405, code: 'CL_SIP_METHOD_UNKNOWN', sentence, headers });
}

function view(request: WireRequest, flows: BrowserFlows): SipRequest {
  const source = `${request.source_address}:${request.source_port}`;
  const flow: BrowserFlow | undefined = flows.find(source);
  return {
    method: request.method,
    uri: request.uri,
    source,
    flow,
    header: (name) => request.get(name),
  };
}

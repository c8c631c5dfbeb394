import type { Clock } from '../../kernel/clock.js';
import { silentLog, type Log } from '../../kernel/log.js';
import { serializeSipMessage } from '../message/serialize.js';
import type { SipMessage, SipRequest } from '../message/sip-message.js';
import type { Flow } from '../transport/transport.js';
import { ClientSide } from './client-side.js';
import { FlowWatch } from './flow-watch.js';
import { newBranch, withVia } from './hop-requests.js';
import { ServerSide } from './server-side.js';
import { DEFAULT_TIMERS, type TransactionTimers } from './timers.js';
import type { TransactionLayer, TransactionUser } from './transaction.js';
import { callUser, type TransactionContext } from './transaction-context.js';

export interface TransactionLayerOptions {
  clock: Clock;
  transactionUser: TransactionUser;
  log?: Log;
  timers?: Readonly<TransactionTimers>;
  /** Server transactions at the same time; requests beyond are answered 503. Default 50000. */
  maxServerTransactions?: number;
}

/** A transaction is some 2 kB and lives 32 s: this bounds a flood to about 100 MB. */
const DEFAULT_MAX_SERVER_TRANSACTIONS = 50_000;

/** The layer, with the entry that transports call (TransportHandlers.onMessage). */
export interface RunningTransactionLayer extends TransactionLayer {
  /** A well-formed message from a flow. Never throws. */
  handleMessage: (message: SipMessage, flow: Flow) => void;
}

/** RFC 3261 section 17. */
export function createTransactionLayer(options: TransactionLayerOptions): RunningTransactionLayer {
  const context: TransactionContext = {
    clock: options.clock,
    timers: options.timers ?? DEFAULT_TIMERS,
    log: options.log ?? silentLog,
  };
  const user = options.transactionUser;
  const watch = new FlowWatch();
  const clients = new ClientSide(context, watch);
  const servers = new ServerSide({
    context,
    watch,
    user,
    maxTransactions: options.maxServerTransactions ?? DEFAULT_MAX_SERVER_TRANSACTIONS,
  });
  return {
    send: (request, flow, handlers) => clients.send(request, flow, handlers),
    sendStateless: (request, flow) => sendStateless(request, flow, context),
    get size() {
      return clients.size + servers.size;
    },
    close() {
      clients.close();
      servers.close();
    },
    handleMessage(message, flow) {
      if (message.kind === 'request') servers.receive(message, flow);
      else if (!clients.receive(message, flow))
        callUser(context.log, () => {
          user.onStrayResponse(message, flow);
        });
    },
  };
}

function sendStateless(request: SipRequest, flow: Flow, context: TransactionContext): SipRequest {
  const sent = withVia(request, flow, newBranch());
  flow.send(serializeSipMessage(sent)).catch((error: unknown) => {
    context.log.debug({ err: error, method: sent.method }, 'a request was not sent');
  });
  return sent;
}

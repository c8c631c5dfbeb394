import type { Log } from '../../kernel/log.js';
import type { MessageLimits } from '../message/limits.js';
import { parseSipMessage } from '../message/parse.js';
import { serializeSipMessage } from '../message/serialize.js';
import type { SipMessage } from '../message/sip-message.js';
import { malformedReply } from './malformed-reply.js';
import { noteSource } from './received-via.js';
import type { Flow, TransportHandlers } from './transport.js';

export interface ReceiverOptions {
  handlers: TransportHandlers;
  limits: Readonly<MessageLimits>;
  log: Log;
}

/** Takes the bytes of one datagram or frame; never throws. */
export type Receiver = (bytes: Buffer, flow: Flow) => void;

/**
 * The way in that all transports share: parse, note the source on the Via, hand on; answer what is
 * malformed. An exception of a layer above is logged and ends here, for it must not end the process.
 */
export function createReceiver(options: ReceiverOptions): Receiver {
  const { handlers, limits, log } = options;
  return (bytes, flow) => {
    try {
      const result = parseSipMessage(bytes, limits);
      const message = result.ok ? result.message : result.partial;
      if (message?.kind === 'request') noteSource(message, flow.remote);
      if (result.ok) {
        handlers.onMessage(result.message, flow);
        return;
      }
      answerMalformed(flow, malformedReply(result.partial, result), log);
      handlers.onMalformed(flow, result.why, result.partial);
    } catch (error) {
      log.error({ err: error, remote: flow.remote }, 'a received SIP message was dropped: bug');
    }
  };
}

function answerMalformed(flow: Flow, reply: SipMessage | undefined, log: Log): void {
  if (reply === undefined) return;
  flow.send(serializeSipMessage(reply)).catch((error: unknown) => {
    log.debug({ err: error, remote: flow.remote }, 'the answer to a malformed request was lost');
  });
}

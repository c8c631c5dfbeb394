import type { Log } from '../../kernel/log.js';
import type { MessageLimits } from '../message/limits.js';
import { parseSipMessage } from '../message/parse.js';
import { reasonPhrase } from '../message/reason-phrases.js';
import { serializeSipMessage } from '../message/serialize.js';
import type { SipMessage } from '../message/sip-message.js';
import { malformedReply, type Defect } from './malformed-reply.js';
import { noteSource } from './received-via.js';
import type { Flow, TransportHandlers } from './transport.js';

export interface ReceiverOptions {
  handlers: TransportHandlers;
  limits: Readonly<MessageLimits>;
  log: Log;
}

/**
 * The way in that all transports share: parse, note the source on the Via, hand on; answer what is
 * malformed. An exception of a layer above is logged and ends here, for it must not end the process.
 */
export class Receiver {
  readonly #handlers: TransportHandlers;
  readonly #limits: Readonly<MessageLimits>;
  readonly #log: Log;

  constructor(options: ReceiverOptions) {
    this.#handlers = options.handlers;
    this.#limits = options.limits;
    this.#log = options.log;
  }

  /**
   * Takes the bytes of one datagram, frame or message of a stream; never throws. False when they were no SIP message.
   */
  receive(bytes: Buffer, flow: Flow): boolean {
    try {
      const result = parseSipMessage(bytes, this.#limits);
      const message = result.ok ? result.message : result.partial;
      if (message?.kind === 'request') noteSource(message, flow.remote);
      if (!result.ok) {
        this.#refuse(flow, result.partial, { ...result, bytes: bytes.length });
        return false;
      }
      this.#handlers.onMessage(result.message, flow);
      return true;
    } catch (error) {
      this.#log.error(
        { err: error, remote: flow.remote },
        'a received SIP message was dropped: bug',
      );
      return true;
    }
  }

  /** Answers the head of a message whose defect its transport found; never throws. */
  refuse(head: Buffer, flow: Flow, defect: Defect): void {
    try {
      const result = parseSipMessage(head, this.#limits);
      const message = result.ok ? result.message : result.partial;
      if (message?.kind === 'request') noteSource(message, flow.remote);
      this.#refuse(flow, message, { ...defect, bytes: head.length });
    } catch (error) {
      this.#log.error({ err: error, remote: flow.remote }, 'a defect was not reported: bug');
    }
  }

  #refuse(flow: Flow, partial: SipMessage | undefined, defect: Defect & { bytes: number }): void {
    const { admitMalformed } = this.#handlers;
    const admitted = admitMalformed === undefined ? flow : admitMalformed(flow, defect.bytes);
    // Another flow than our own counts what goes out.
    const reply = replyBytes(partial, defect, admitted === flow ? Infinity : defect.bytes);
    if (reply !== undefined && admitted !== undefined)
      admitted.send(reply).catch((error: unknown) => {
        this.#log.debug(
          { err: error, remote: flow.remote },
          'the answer to a malformed request was lost',
        );
      });
    this.#handlers.onMalformed(flow, defect.why, partial);
  }
}

/** A sentence that would make the answer longer than `most` gives way to the usual phrase. */
function replyBytes(
  partial: SipMessage | undefined,
  defect: Defect,
  most: number,
): Buffer | undefined {
  const reply = malformedReply(partial, defect);
  if (reply === undefined) return undefined;
  const bytes = serializeSipMessage(reply);
  if (bytes.length <= most) return bytes;
  return serializeSipMessage({ ...reply, reason: reasonPhrase(reply.status) });
}

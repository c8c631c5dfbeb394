import type { CallRecord } from '../dialog/call-record.js';
import type { ProxyReport } from '../proxy/proxy-command.js';
import type { ApplicationEvent, CommandOutcome } from '../dialog/application.js';
import { serializeSipMessage } from '../message/serialize.js';
import { newUuid } from '../../kernel/ids.js';
import type { Flow, NetworkAddress } from '../transport/transport.js';
import { formatFrame } from './frame.js';

/** `HH:MM:SS.uuuuuu` in UTC, as applications expect it; the clock gives milliseconds. */
function formatTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(11, 23)}000`;
}

/** protocol|address|port of a flow's end; empty ones for a message that no flow carried. */
function place(flow: Flow | undefined, end: (flow: Flow) => NetworkAddress): string[] {
  if (flow === undefined) return ['unknown', '', '0'];
  const { host, port } = end(flow);
  return [flow.protocol, host, String(port)];
}

const remoteOf = (flow: Flow): NetworkAddress => flow.remote;
const localOf = (flow: Flow): NetworkAddress => flow.local;

/**
 * `<uuid>|sip|<source>|<bytes>|<proto>|<addr>|<port>|<time>|<txn>|<dialog>|[<host>|<port>|]` + SIP:
 * a request or response on its way to the application.
 */
export function eventFrame(event: ApplicationEvent, epochMs: number): Buffer {
  const message = serializeSipMessage(event.message);
  const tokens = [
    newUuid(),
    'sip',
    event.source,
    String(event.flow === undefined ? 0 : message.length),
    ...place(event.flow, event.source === 'network' ? remoteOf : localOf),
    formatTime(epochMs),
    event.transactionId,
    event.dialogId,
  ];
  if (event.outsideDialog === true && event.flow !== undefined)
    tokens.push(event.flow.local.host, String(event.flow.local.port));
  return formatFrame([...tokens, ''], message);
}

/** The answer to a `sip` frame of the application: the message as it went out, or why it did not. */
export function outcomeFrame(messageId: string, outcome: CommandOutcome, epochMs: number): Buffer {
  if (outcome.kind === 'refused') return failFrame(messageId, outcome.sentence);
  const sent = outcome.kind === 'request-sent' ? outcome.request : outcome.response;
  const message = serializeSipMessage(sent);
  const tokens = [
    newUuid(),
    'response',
    messageId,
    'OK',
    'application',
    String(outcome.flow === undefined ? 0 : message.length),
    ...place(outcome.flow, outcome.kind === 'request-sent' ? localOf : remoteOf),
    formatTime(epochMs),
    outcome.transactionId,
    ...(outcome.kind === 'response-sent' ? [outcome.dialogId, ''] : []),
    'Msg sent:',
    '',
  ];
  return formatFrame(tokens, message);
}

/**
 * The answers to a `proxy` frame: with `fullResponse` one per final response, marked `continue`, then `done`; without it
 * only `done`, as soon as the first copy is out. Undefined where nothing is due.
 */
export function proxyFrame(
  to: { messageId: string; fullResponse: boolean },
  report: ProxyReport,
  epochMs: number,
): Buffer | undefined {
  const { messageId, fullResponse } = to;
  if (report.kind === 'refused') return failFrame(messageId, report.sentence);
  if (report.kind !== 'response')
    return (report.kind === 'done') === fullResponse ? okFrame(messageId, ['done']) : undefined;
  if (!fullResponse) return undefined;
  const message = serializeSipMessage(report.response);
  const tokens = [
    'network',
    String(report.flow === undefined ? 0 : message.length),
    ...place(report.flow, remoteOf),
    formatTime(epochMs),
    '',
    '',
    'continue',
  ];
  return formatFrame([newUuid(), 'response', messageId, 'OK', ...tokens], message);
}

/** `<uuid>|cdr:<event>|<source>|<time>[|<role or reason>]` + SIP. */
export function recordFrame(record: CallRecord, epochMs: number): Buffer {
  const { event, source, detail } = record;
  const tokens = [newUuid(), `cdr:${event}`, source, formatTime(epochMs)];
  if (detail !== undefined) tokens.push(detail);
  return formatFrame(tokens, serializeSipMessage(record.message));
}

/** `<uuid>|response|<id>|OK|...` for the commands that carry no SIP. */
export function okFrame(messageId: string, tokens: readonly string[] = []): Buffer {
  return formatFrame([newUuid(), 'response', messageId, 'OK', ...tokens]);
}

/** A command that was understood and cannot be carried out; the connection goes on. */
function failFrame(messageId: string, sentence: string): Buffer {
  return formatFrame([newUuid(), 'response', messageId, 'NOK', sentence]);
}

/** A frame that the server cannot take; it closes the connection afterwards. */
export function rejectFrame(messageId: string, sentence: string): Buffer {
  return formatFrame([newUuid(), 'response', messageId, 'NO', sentence]);
}

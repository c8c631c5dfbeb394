import type { CallEvents, CallRecord } from '../calls/call-events.js';
import type { Log } from '../kernel/log.js';
import type { TypedEvents } from '../kernel/typed-events.js';
import { talkMs } from './cdr.js';

type Media = NonNullable<CallRecord['media']>;
type LegStatistics = Media['caller'];

/** The one log line of a call: who, where to, how it ended, how it sounded. Pure. */
function summarize(record: CallRecord): Record<string, unknown> {
  const { times, end, media } = record;
  return {
    call: record.id,
    direction: record.direction,
    user: record.user,
    number: record.number ?? record.dialled,
    trunk: record.trunk,
    by: end.by,
    code: end.code,
    status: end.sipStatus,
    bucket: end.bucket,
    sentence: end.sentence,
    ringingMs: times.ringingMs,
    answeredMs: times.answeredMs,
    talkMs: talkMs(record),
    totalMs: times.endedMs,
    ...(media === undefined ? {} : legs(record.direction, media)),
  };
}

function legs(direction: CallRecord['direction'], { caller, callee }: Media): object {
  const [one, two] = NAMES[direction];
  return { [one]: leg(caller), [two]: leg(callee) };
}

/** The caller's leg and the callee's. */
const NAMES = {
  outbound: ['browser', 'carrier'],
  inbound: ['carrier', 'callee'],
  internal: ['caller', 'callee'],
} as const;

function leg(statistics: LegStatistics): string {
  const { codec, packetsReceived, packetsSent, packetsLost, jitterMs, digitsDropped } = statistics;
  const jitter = jitterMs.toFixed(1);
  const audio = `${codec ?? 'no codec'} in ${packetsReceived} out ${packetsSent} lost ${packetsLost} jitter ${jitter} ms`;
  // The commonest reason is an answer without telephone-event; the operator should not have to guess.
  return digitsDropped === 0 ? audio : `${audio}, ${digitsDropped} digits could not be sent to it`;
}

/** Logs one line per call that ends. Returns the function that stops it. */
export function logSummaries(events: TypedEvents<CallEvents>, log: Log): () => void {
  return events.on('ended', (record) => {
    const { bucket } = record.end;
    const level = bucket === 'ok' || bucket === 'client' ? 'info' : 'warn';
    log[level](summarize(record), 'call ended');
  });
}

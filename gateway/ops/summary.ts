import type { CallEvents, CallRecord } from '../calls/call-events.js';
import type { Log } from '../kernel/log.js';
import type { TypedEvents } from '../kernel/typed-events.js';
import { talkMs } from './cdr.js';
import { problemOf } from './media-problems.js';

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
    ...(media === undefined ? {} : legs(record, media)),
  };
}

function legs(record: CallRecord, { caller, callee }: Media): object {
  const [one, two] = NAMES[record.direction];
  return { [one]: leg(record, caller), [two]: leg(record, callee) };
}

/** The caller's leg and the callee's. */
const NAMES = {
  outbound: ['browser', 'carrier'],
  inbound: ['carrier', 'callee'],
  internal: ['caller', 'callee'],
} as const;

function leg(record: CallRecord, statistics: LegStatistics): string {
  const { codec, packetsReceived, packetsSent, packetsLost, jitterMs, digitsDropped } = statistics;
  const jitter = jitterMs === undefined ? '' : ` jitter ${jitterMs.toFixed(1)} ms`;
  const audio = `${codec ?? 'no codec'} in ${packetsReceived} out ${packetsSent} lost ${packetsLost}${jitter}`;
  // The commonest reason is an answer without telephone-event; the operator should not have to guess.
  const digits = digitsDropped === 0 ? '' : `, ${digitsDropped} digits could not be sent to it`;
  const problem = problemOf(record, statistics.quality);
  return `${audio}${quality(statistics)}${digits}${problem === undefined ? '' : `. ${problem}`}`;
}

function quality({ quality: measured }: LegStatistics): string {
  const { received, sent, roundTripMs } = measured ?? {};
  const trip = roundTripMs === undefined ? '' : ` round trip ${roundTripMs.toFixed(0)} ms`;
  const scores = [
    received && `in ${received.mos.toFixed(1)}`,
    sent && `out ${sent.mos.toFixed(1)}`,
  ];
  const known = scores.filter((score) => score !== undefined);
  return known.length === 0 ? trip : `${trip} MOS ${known.join(' ')}`;
}

/** Logs one line per call that ends. Returns the function that stops it. */
export function logSummaries(events: TypedEvents<CallEvents>, log: Log): () => void {
  return events.on('ended', (record) => {
    const { bucket } = record.end;
    const level = bucket === 'ok' || bucket === 'client' ? 'info' : 'warn';
    log[level](summarize(record), 'call ended');
  });
}

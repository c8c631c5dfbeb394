import { createWriteStream, type WriteStream } from 'node:fs';
import type { CallEvents, CallRecord } from '../calls/call-events.js';
import type { Log } from '../kernel/log.js';
import type { TypedEvents } from '../kernel/typed-events.js';

/** Where call detail records go: one JSON line per call. */
export interface CdrSink {
  write(line: string): void;
  /** Resolves when everything is written. Idempotent. */
  close(): Promise<void>;
}

/** The fields of a record in the order in which they are written; no secrets, no digits. Pure. */
export function formatCdr(record: CallRecord): string {
  const { times, end } = record;
  const at = (offsetMs: number | undefined): string | undefined =>
    offsetMs === undefined ? undefined : new Date(times.inviteAt + offsetMs).toISOString();
  return JSON.stringify({
    callId: record.id,
    sipCallIds: record.sipCallIds,
    user: record.user,
    dialled: record.dialled,
    number: record.number,
    rule: record.rule,
    trunk: record.trunk,
    attempts: record.attempts,
    inviteAt: at(0),
    dialledAt: at(times.dialledMs),
    ringingAt: at(times.ringingMs),
    earlyMediaAt: at(times.earlyMediaMs),
    answeredAt: at(times.answeredMs),
    endedAt: at(times.endedMs),
    times,
    durationMs: times.endedMs,
    talkMs: talkMs(record),
    end,
    media: record.media,
  });
}

/** From the carrier's answer to the end; 0 for a call that was not answered. */
export function talkMs({ times }: CallRecord): number {
  if (times.answeredMs === undefined || times.endedMs === undefined) return 0;
  return times.endedMs - times.answeredMs;
}

/** Writes the record of every call that ends. Returns the function that stops it. */
export function writeCdrs(events: TypedEvents<CallEvents>, sink: CdrSink): () => void {
  return events.on('ended', (record) => {
    sink.write(`${formatCdr(record)}\n`);
  });
}

/** Appends to a file; `-` is standard output. A disk that fails loses records, not calls: each failure is logged. */
export function openCdrFile(path: string, log: Log): CdrSink {
  if (path === '-') return standardOutput;
  const stream = createWriteStream(path, { flags: 'a', mode: 0o640 });
  stream.on('error', (error) => {
    log.error({ err: error, path }, 'a call detail record could not be written');
  });
  return sinkOf(stream);
}

/** For containers whose log pipeline collects it. */
const standardOutput: CdrSink = {
  write: (line) => {
    process.stdout.write(line);
  },
  close: () => Promise.resolve(),
};

function sinkOf(stream: WriteStream): CdrSink {
  let closed: Promise<void> | undefined;
  return {
    write: (line) => {
      if (closed === undefined && stream.writable) stream.write(line);
    },
    close: () => {
      closed ??= new Promise((resolve) => {
        stream.once('close', resolve);
        if (stream.closed) resolve();
        else stream.end();
      });
      return closed;
    },
  };
}

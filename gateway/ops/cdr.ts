import { closeSync, mkdirSync, openSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CallEvents, CallRecord } from '../calls/call-events.js';
import { CopperlineError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import { SerialQueue } from '../kernel/serial-queue.js';
import type { TypedEvents } from '../kernel/typed-events.js';
import { mediaOf } from './media-problems.js';

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
    direction: record.direction,
    user: record.user,
    calledUser: record.calledUser,
    from: record.from,
    dialled: record.dialled,
    number: record.number,
    rule: record.rule,
    trunk: record.trunk,
    attempts: record.attempts,
    ...(record.transfers.length === 0 ? {} : { transfers: record.transfers }),
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
    media: mediaOf(record),
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

/** Stands for standard output in place of a file. */
const STANDARD_OUTPUT = '-';
const FILE_MODE = 0o640;

/**
 * Makes the file and its folder, so that a wrong path is found at the start and not after the first call.
 * @throws CopperlineError CL_START_CDR_FILE
 */
export function prepareCdrFile(path: string): void {
  if (path === STANDARD_OUTPUT) return;
  try {
    mkdirSync(dirname(path), { recursive: true });
    closeSync(openSync(path, 'a', FILE_MODE));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    const sentence = `Call detail records cannot be written to ${path} (cdr.file): ${code}.`;
    throw new CopperlineError('CL_START_CDR_FILE', { sentence, cause: error });
  }
}

/**
 * Appends to a file; `-` is standard output. A disk that fails loses records, not calls: each failure is logged, and the
 * next record is tried again. The file is opened for each record, so that it may be moved away (logrotate).
 */
export function openCdrFile(path: string, log: Log): CdrSink {
  return path === STANDARD_OUTPUT ? standardOutput : fileSink(path, log);
}

/** For containers whose log pipeline collects it. */
const standardOutput: CdrSink = {
  write: (line) => {
    process.stdout.write(line);
  },
  close: () => Promise.resolve(),
};

function fileSink(path: string, log: Log): CdrSink {
  const queue = new SerialQueue();
  let written = Promise.resolve();
  let closed = false;
  return {
    write: (line) => {
      if (closed) return;
      written = queue
        .run(() => appendFile(path, line, { mode: FILE_MODE }))
        .catch((error: unknown) => {
          log.error({ err: error, path }, 'a call detail record could not be written');
        });
    },
    close: () => {
      closed = true;
      return written;
    },
  };
}

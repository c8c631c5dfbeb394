import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SCRIPTED_STATISTICS } from '../../test/support/scripted-engine.js';
import type { CallEvents, CallRecord } from '../calls/call-events.js';
import { createLog } from '../kernel/log.js';
import type { LegQuality } from '../media/media-engine.js';
import { TypedEvents } from '../kernel/typed-events.js';
import { formatCdr, openCdrFile, prepareCdrFile, writeCdrs } from './cdr.js';
import { logMediaProblems } from './media-problems.js';
import { logSummaries } from './summary.js';

const record: CallRecord = {
  ...{
    id: 'c1',
    state: 'ended',
    direction: 'outbound',
    user: 'alice',
    dialled: '030 1234',
    number: '+49301234',
  },
  ...{ calledUser: undefined, from: undefined },
  ...{ rule: 'germany', trunk: 'acme', sipCallIds: { caller: 'x', callee: 'y' } },
  times: {
    inviteAt: Date.UTC(2026, 0, 1),
    ...{ dialledMs: 5, ringingMs: 900, answeredMs: 2000, upMs: 2010, endedMs: 62_000 },
  },
  end: {
    by: 'carrier',
    code: 'NORMAL',
    sipStatus: 200,
    bucket: 'ok',
    sentence: 'The carrier hung up.',
  },
  transfers: [],
  attempts: [{ trunk: 'cheap', status: 503, sentence: 'The carrier "cheap" failed.' }],
  media: SCRIPTED_STATISTICS,
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copperline-cdr-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('call detail records', () => {
  it('are one line with times, verdict and media', () => {
    const line = formatCdr(record);
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toMatchObject({
      ...{
        callId: 'c1',
        direction: 'outbound',
        user: 'alice',
        dialled: '030 1234',
        number: '+49301234',
        trunk: 'acme',
      },
      inviteAt: '2026-01-01T00:00:00.000Z',
      answeredAt: '2026-01-01T00:00:02.000Z',
      endedAt: '2026-01-01T00:01:02.000Z',
      ...{ durationMs: 62_000, talkMs: 60_000 },
      end: { by: 'carrier', code: 'NORMAL' },
      media: { caller: { codec: 'opus' }, callee: { packetsLost: 1 } },
    });
    expect(JSON.parse(line)).not.toHaveProperty('earlyMediaAt');
  });

  it('are appended to the file, also after it was opened again', async () => {
    const path = join(folder, 'cdr.jsonl');
    for (const id of ['one', 'two']) {
      const events = new TypedEvents<CallEvents>();
      const sink = openCdrFile(path, createLog({ level: 'silent' }));
      const stop = writeCdrs(events, sink);
      events.emit('ended', { ...record, id });
      stop();
      events.emit('ended', { ...record, id: 'after the stop' });
      await Promise.all([sink.close(), sink.close()]);
    }
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { callId: string }).callId)).toEqual([
      'one',
      'two',
    ]);
  });

  it('that cannot be written are reported, and nothing breaks', async () => {
    const lines: string[] = [];
    const log = createLog({
      level: 'info',
      destination: { write: (line) => void lines.push(line) },
    });
    const sink = openCdrFile(join(folder, 'no', 'such', 'folder'), log);
    sink.write('{}\n');
    await sink.close();
    sink.write('{}\n');
    expect(lines.join('')).toContain('a call detail record could not be written');
  });

  it('are written again when the disk works again, and each that was lost is reported', async () => {
    const lines: string[] = [];
    const log = createLog({
      level: 'info',
      destination: { write: (line) => void lines.push(line) },
    });
    const path = join(folder, 'later', 'cdr.jsonl');
    const sink = openCdrFile(path, log);
    sink.write('1\n');
    sink.write('2\n');
    await vi.waitUntil(() => lines.length === 2);
    await mkdir(join(folder, 'later'));
    sink.write('3\n');
    await sink.close();
    expect(await readFile(path, 'utf8')).toBe('3\n');
  });

  it('go to a new file when the old one was moved away', async () => {
    const path = join(folder, 'cdr.jsonl');
    const sink = openCdrFile(path, createLog({ level: 'silent' }));
    sink.write('1\n');
    await vi.waitUntil(() => existsSync(path) && readFileSync(path, 'utf8') !== '');
    await rename(path, `${path}.1`);
    sink.write('2\n');
    await sink.close();
    expect(await readFile(path, 'utf8')).toBe('2\n');
  });

  it('need a place that can be written to, or the gateway does not start', async () => {
    prepareCdrFile(join(folder, 'new', 'cdr.jsonl'));
    prepareCdrFile('-');
    await writeFile(join(folder, 'file'), '');
    const path = join(folder, 'file', 'cdr.jsonl');
    expect(() => {
      prepareCdrFile(path);
    }).toThrow(expect.objectContaining({ code: 'CL_START_CDR_FILE' }) as Error);
    expect(existsSync('-')).toBe(false);
  });
});

const QUALITY: LegQuality = {
  received: { lossPercent: 1, jitterMs: 2, mos: 4.31 },
  sent: { lossPercent: 0, jitterMs: 1, mos: 4.39 },
  roundTripMs: 23.4,
  problem: 'No packets from the carrier since the answer: check the firewall.',
};

function withQuality(quality: LegQuality): CallRecord {
  const { caller, callee } = SCRIPTED_STATISTICS;
  return { ...record, media: { caller, callee: { ...callee, quality } } };
}

describe('quality', () => {
  it('is in the record, its problem only when the call was answered', () => {
    const answered = withQuality(QUALITY);
    expect(JSON.parse(formatCdr(answered))).toMatchObject({
      media: { callee: { quality: QUALITY } },
    });
    const { inviteAt, endedMs } = record.times;
    const unanswered = { ...answered, times: { inviteAt, endedMs } };
    const rang = JSON.parse(formatCdr(unanswered as CallRecord)) as CallRecord;
    expect(rang.media?.callee.quality).toMatchObject({ roundTripMs: 23.4 });
    expect(rang.media?.callee.quality).not.toHaveProperty('problem');
  });

  it('is in the summary, with what is wrong', () => {
    const lines: string[] = [];
    const log = createLog({
      level: 'info',
      destination: { write: (line) => void lines.push(line) },
    });
    const events = new TypedEvents<CallEvents>();
    logSummaries(events, log);
    events.emit('ended', withQuality(QUALITY));
    expect(lines[0]).toContain(
      'jitter 1.5 ms round trip 23 ms MOS in 4.3 out 4.4. No packets from the carrier since',
    );
  });

  it('warns of one-way audio once while the call is up', () => {
    const lines: string[] = [];
    const log = createLog({
      level: 'info',
      destination: { write: (line) => void lines.push(line) },
    });
    const events = new TypedEvents<CallEvents>();
    const stop = logMediaProblems(events, log);
    const legs = { caller: { ...QUALITY, problem: undefined }, callee: QUALITY };
    events.emit('quality', record, legs);
    events.emit('quality', record, legs);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 40, call: 'c1', msg: QUALITY.problem });
    events.emit('ended', record);
    events.emit('quality', record, legs);
    expect(lines).toHaveLength(2);
    stop();
  });
});

describe('the summary', () => {
  it('is one line, a warning when the carrier or the gateway is to blame', () => {
    const lines: string[] = [];
    const log = createLog({
      level: 'info',
      destination: { write: (line) => void lines.push(line) },
    });
    const events = new TypedEvents<CallEvents>();
    logSummaries(events, log);
    events.emit('ended', record);
    events.emit('ended', {
      ...record,
      end: { ...record.end, bucket: 'upstream' },
      media: undefined,
    });
    const [good, bad] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(good).toMatchObject({
      ...{ level: 30, call: 'c1', code: 'NORMAL', talkMs: 60_000, ringingMs: 900 },
      browser: 'opus in 10 out 12 lost 1 jitter 1.5 ms',
    });
    expect(bad).toMatchObject({ level: 40, bucket: 'upstream' });
    expect(bad).not.toHaveProperty('browser');
  });

  it('says that digits did not reach the carrier', () => {
    const lines: string[] = [];
    const log = createLog({
      level: 'info',
      destination: { write: (line) => void lines.push(line) },
    });
    const events = new TypedEvents<CallEvents>();
    logSummaries(events, log);
    const { caller, callee } = SCRIPTED_STATISTICS;
    events.emit('ended', { ...record, media: { caller, callee: { ...callee, digitsDropped: 3 } } });
    expect(lines.join('')).toContain('3 digits could not be sent to it');
  });
});

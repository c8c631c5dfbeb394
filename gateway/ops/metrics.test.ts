import { afterEach, describe, expect, it } from 'vitest';
import { SCRIPTED_STATISTICS } from '../../test/support/scripted-engine.js';
import type { CallEvents, CallRecord } from '../calls/call-events.js';
import { silentLog } from '../kernel/log.js';
import { TypedEvents } from '../kernel/typed-events.js';
import type { OpenThings } from './gauge-metrics.js';
import { createMetrics, type Metrics } from './metrics.js';
import { serveMetrics, type MetricsServer } from './metrics-server.js';

const RECORD: CallRecord = {
  ...{ id: 'c1', state: 'ended', direction: 'outbound', user: 'alice', dialled: '030 7654' },
  ...{ calledUser: undefined, from: undefined },
  ...{ number: '+49307654', rule: 'germany', trunk: 'acme', sipCallIds: { caller: 'x' } },
  times: { inviteAt: 0, dialledMs: 5, ringingMs: 900, answeredMs: 2000, endedMs: 62_000 },
  end: { by: 'carrier', code: 'NORMAL', sipStatus: 200, bucket: 'ok', sentence: 'Over.' },
  attempts: [],
  transfers: [],
  media: SCRIPTED_STATISTICS,
};

const OPEN: OpenThings = {
  calls: { up: 2, ringing: 1 },
  media: { sessions: 3, ports: 6 },
  foreignPackets: { strangers: 8, unclaimed: 9 },
  workers: [
    {
      ...{ worker: 0, up: true, sessions: 3, restarts: 1, memoryBytes: 5e7 },
      eventLoopDelayMs: { p99: 2, max: 31 },
    },
    {
      ...{ worker: 1, up: false, sessions: 0, restarts: 4, memoryBytes: 0 },
      eventLoopDelayMs: { p99: 0, max: 0 },
    },
  ],
  webSockets: 7,
  registrations: 5,
  trunks: [
    { name: 'acme', health: 'degraded', registrations: [], calls: 0 },
    {
      ...{ name: 'both', health: 'up', calls: 2 },
      registrations: [{ state: 'registered' }, { state: 'failed' }],
    },
  ],
  sip: { open: { transactions: 11, dialogs: 4, flows: 7 }, foreignResponses: 2 },
};

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

function created(): { metrics: Metrics; events: TypedEvents<CallEvents> } {
  const events = new TypedEvents<CallEvents>();
  const metrics = createMetrics({ events, engine: 'relay', look: () => Promise.resolve(OPEN) });
  return { metrics, events };
}

async function served(): Promise<{ server: MetricsServer; events: TypedEvents<CallEvents> }> {
  const { metrics, events } = created();
  const server = await serveMetrics(metrics, { host: '127.0.0.1', port: 0 }, silentLog);
  stops.push(() => server.close());
  return { server, events };
}

describe('metrics', () => {
  it('count calls, packets, digits and scores', async () => {
    const { metrics, events } = created();
    events.emit('ended', RECORD);
    events.emit('ended', { ...RECORD, end: { ...RECORD.end, code: 'CL_MEDIA_TIMEOUT' } });
    const stream = { lossPercent: 0, jitterMs: 1, mos: 4.25 };
    const heard = { received: stream, sent: undefined, roundTripMs: 5, problem: undefined };
    const silent = { ...heard, received: undefined, problem: 'No packets.' };
    events.emit('quality', RECORD, { caller: heard, callee: silent });
    const text = await metrics.text();
    for (const line of [
      'copperline_calls_ended_total{direction="outbound",code="NORMAL",bucket="ok",trunk="acme"} 1',
      'copperline_calls_ended_total{direction="outbound",code="CL_MEDIA_TIMEOUT",bucket="ok",trunk="acme"} 1',
      'copperline_call_ringing_seconds_bucket{le="1",direction="outbound"} 2',
      'copperline_call_answer_seconds_bucket{le="1",direction="outbound"} 0',
      'copperline_call_talk_seconds_total{direction="outbound",trunk="acme"} 120',
      'copperline_media_packets_total{engine="relay",leg="caller",kind="received"} 20',
      'copperline_media_packets_total{engine="relay",leg="callee",kind="lost"} 2',
      'copperline_media_digits_total{engine="relay",leg="callee",kind="sent"} 0',
      'copperline_media_mos_bucket{le="4.2",engine="relay",leg="caller",kind="received"} 0',
      'copperline_media_mos_bucket{le="4.3",engine="relay",leg="caller",kind="received"} 1',
      'copperline_media_silent_intervals_total{engine="relay",leg="callee"} 1',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    metrics.stop();
    events.emit('ended', RECORD);
  });

  it('show what is open, and each worker', async () => {
    const { metrics } = created();
    const lines = (await metrics.text()).split('\n');
    for (const line of [
      'copperline_calls{state="up"} 2',
      'copperline_calls{state="new"} 0',
      'copperline_media_sessions 3',
      'copperline_media_foreign_packets{cause="strangers"} 8',
      'copperline_media_foreign_packets{cause="unclaimed"} 9',
      'copperline_media_worker_up{worker="0"} 1',
      'copperline_media_worker_up{worker="1"} 0',
      'copperline_media_worker_restarts{worker="1"} 4',
      'copperline_media_worker_memory_bytes{worker="0"} 50000000',
      'copperline_media_worker_event_loop_delay_seconds{worker="0",quantile="1"} 0.031',
      'copperline_websockets 7',
      'copperline_registrations 5',
      'copperline_sip_open{kind="transactions"} 11',
      'copperline_sip_foreign_responses 2',
      'copperline_trunk_health{trunk="acme",state="up"} 0',
      'copperline_trunk_health{trunk="acme",state="degraded"} 1',
      'copperline_trunk_health{trunk="both",state="up"} 1',
      'copperline_trunk_registrations{trunk="both",state="registered"} 1',
      'copperline_trunk_registrations{trunk="both",state="failed"} 1',
      'copperline_trunk_registrations{trunk="both",state="registering"} 0',
      'copperline_trunk_calls{trunk="both"} 2',
    ]) {
      expect(lines).toContain(line);
    }
    // A trunk that registers nowhere has no such line.
    expect(lines.join()).not.toContain('trunk_registrations{trunk="acme"');
    metrics.stop();
  });

  it('name no user and no number', async () => {
    const { server, events } = await served();
    events.emit('ended', RECORD);
    const text = await (await fetch(server.url)).text();
    expect(text).toContain('copperline_calls_ended_total');
    for (const secret of ['alice', '7654', 'germany', 'c1"']) expect(text).not.toContain(secret);
  });

  it('are served under /metrics alone, and only to GET', async () => {
    const { server } = await served();
    const response = await fetch(server.url);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0.0.4/);
    expect((await fetch(server.url, { method: 'POST' })).status).toBe(405);
    expect((await fetch(new URL('/', server.url))).status).toBe(404);
  });

  it('need a port of their own', async () => {
    const { server } = await served();
    const port = Number(new URL(server.url).port);
    const { metrics } = created();
    await expect(
      serveMetrics(metrics, { host: '127.0.0.1', port }, silentLog),
    ).rejects.toMatchObject({
      code: 'CL_START_PORT_IN_USE',
      message: expect.stringContaining('metrics.port') as string,
    });
    metrics.stop();
  });
});

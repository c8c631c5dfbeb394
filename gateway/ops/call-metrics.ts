import { Counter, Histogram, type Registry } from 'prom-client';
import type { CallEvents, CallRecord } from '../calls/call-events.js';
import type { TypedEvents } from '../kernel/typed-events.js';
import { talkMs } from './cdr.js';

type Media = NonNullable<CallRecord['media']>;
type Leg = Media['caller'];

const SETUP_SECONDS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 40, 60];
const SCORES = [1.5, 2, 2.5, 3, 3.3, 3.6, 3.8, 4, 4.2, 4.3];

/** Counts calls as they end, and how they sound while they are up. Returns the function that stops it. */
export function countCalls(
  registry: Registry,
  { events, engine }: { events: TypedEvents<CallEvents>; engine: string },
): () => void {
  const calls = callCounters(registry);
  const media = mediaCounters(registry, engine);
  const stops = [
    events.on('ended', (record) => {
      calls.ended(record);
      if (record.media === undefined) return;
      media.ended('caller', record.media.caller);
      media.ended('callee', record.media.callee);
    }),
    events.on('quality', (_call, legs) => {
      for (const leg of ['caller', 'callee'] as const) {
        const { received, sent, problem } = legs[leg];
        if (received !== undefined) media.score(leg, 'received', received.mos);
        if (sent !== undefined) media.score(leg, 'sent', sent.mos);
        if (problem !== undefined) media.silent(leg);
      }
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function callCounters(registry: Registry): { ended: (record: CallRecord) => void } {
  const registers = [registry];
  const ended = new Counter({
    name: 'copperline_calls_ended_total',
    help: 'Calls that are over, by how they ended.',
    labelNames: ['direction', 'code', 'bucket', 'trunk'],
    registers,
  });
  const ringing = new Histogram({
    name: 'copperline_call_ringing_seconds',
    help: 'From the INVITE until the callee rings.',
    labelNames: ['direction'],
    buckets: SETUP_SECONDS,
    registers,
  });
  const answered = new Histogram({
    name: 'copperline_call_answer_seconds',
    help: 'From the INVITE until the callee answers.',
    labelNames: ['direction'],
    buckets: SETUP_SECONDS,
    registers,
  });
  const talk = new Counter({
    name: 'copperline_call_talk_seconds_total',
    help: 'Time that calls were up.',
    labelNames: ['direction', 'trunk'],
    registers,
  });
  return {
    ended: (record) => {
      const { direction, times, end } = record;
      const trunk = record.trunk ?? '';
      ended.inc({ direction, code: end.code, bucket: end.bucket, trunk });
      if (times.ringingMs !== undefined) ringing.observe({ direction }, times.ringingMs / 1000);
      if (times.answeredMs !== undefined) answered.observe({ direction }, times.answeredMs / 1000);
      talk.inc({ direction, trunk }, talkMs(record) / 1000);
    },
  };
}

function mediaCounters(registry: Registry, engine: string) {
  const registers = [registry];
  const labelNames = ['engine', 'leg', 'kind'];
  const packets = new Counter({
    name: 'copperline_media_packets_total',
    help: 'RTP packets of calls that are over: received, sent, lost on the way here, rejected.',
    labelNames,
    registers,
  });
  const digits = new Counter({
    name: 'copperline_media_digits_total',
    help: 'Key presses of calls that are over: received, sent, dropped.',
    labelNames,
    registers,
  });
  const scores = new Histogram({
    name: 'copperline_media_mos',
    help: 'Estimated mean opinion score (ITU-T G.107) of each 5 s of each leg, received here and sent from here.',
    labelNames,
    buckets: SCORES,
    registers,
  });
  const silent = new Counter({
    name: 'copperline_media_silent_intervals_total',
    help: 'Intervals of 5 s in which a leg that should send was silent.',
    labelNames: ['engine', 'leg'],
    registers,
  });
  return {
    ended: (leg: string, counted: Leg) => {
      const count = (counter: Counter, kind: string, value: number): void => {
        counter.inc({ engine, leg, kind }, value);
      };
      count(packets, 'received', counted.packetsReceived);
      count(packets, 'sent', counted.packetsSent);
      count(packets, 'lost', counted.packetsLost);
      count(packets, 'rejected', counted.packetsRejected);
      count(digits, 'received', counted.digitsReceived);
      count(digits, 'sent', counted.digitsSent);
      count(digits, 'dropped', counted.digitsDropped);
    },
    score: (leg: string, kind: string, mos: number) => {
      scores.observe({ engine, leg, kind }, mos);
    },
    silent: (leg: string) => {
      silent.inc({ engine, leg });
    },
  };
}

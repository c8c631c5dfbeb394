import { systemClock } from '../../../gateway/kernel/clock.js';
import { createLog } from '../../../gateway/kernel/log.js';
import type { LegPolicy, MediaEngine, MediaSession } from '../../../gateway/media/media-engine.js';
import { createRelayEngine } from '../../../gateway/media/workers/relay-engine.js';
import { createWrtcEngine } from '../../../gateway/media/workers/wrtc-engine.js';
import { serve } from '../child-rpc.js';
import type { BenchCall } from './bench-engine.js';

const LEG = { codecs: ['pcmu'], minToneMs: 80, minGapMs: 60, ptimeMs: 20 } as const;
const BROWSER: LegPolicy = { ...LEG, kind: 'webrtc' };
const CARRIER: LegPolicy = { ...LEG, kind: 'rtp' };

let engine: MediaEngine | undefined;
let sessions: MediaSession[] = [];
const ringing = new Map<string, MediaSession>();

function running(): MediaEngine {
  if (engine === undefined) throw new Error('not started');
  return engine;
}

async function offer(call: BenchCall): Promise<MediaSession> {
  const session = await running().open({
    callId: call.id,
    handlers: {
      onConnected: () => undefined,
      onDigit: () => undefined,
      onFailed: (error) => {
        process.stderr.write(`${call.id} failed: ${error.sentence}\n`);
      },
    },
  });
  sessions.push(session);
  const from = browserLeg(call);
  await session.offerTo('callee', call.browserOffer, { from, to: CARRIER });
  return session;
}

function browserLeg({ codec }: BenchCall): LegPolicy {
  return { ...BROWSER, codecs: [codec] };
}

async function open(call: BenchCall): Promise<string> {
  const session = await offer(call);
  return session.answerTo('caller', call.carrierAnswer);
}

async function ring(call: BenchCall): Promise<string> {
  const session = await offer(call);
  ringing.set(call.id, session);
  return session.answerAlone('caller', call.browserOffer, browserLeg(call));
}

async function pickUp(call: BenchCall): Promise<void> {
  await ringing.get(call.id)?.answerTo('caller', call.carrierAnswer);
  ringing.delete(call.id);
}

function createEngine(name: 'relay' | 'wrtc'): Promise<MediaEngine> {
  const host = '127.0.0.1';
  const settings = {
    workers: 1,
    carrier: { host, ports: { min: 41_000, max: 42_999 } },
    timeoutMs: 30_000,
    log: createLog({ level: 'warn' }),
    clock: systemClock,
  };
  return name === 'relay'
    ? createRelayEngine({ ...settings, browser: { host, port: 0 } })
    : createWrtcEngine({ ...settings, browser: { host, ports: undefined } });
}

serve({
  start: async (name: 'relay' | 'wrtc') => {
    engine = await createEngine(name);
  },
  open,
  ring,
  pickUp,
  closeCalls: async () => {
    for (const session of sessions) await session.close();
    sessions = [];
    const left = await running().counts();
    if (left.sessions !== 0 || left.ports !== 0)
      throw new Error(`${left.sessions} sessions and ${left.ports} ports are left open`);
  },
  close: () => engine?.close(),
});

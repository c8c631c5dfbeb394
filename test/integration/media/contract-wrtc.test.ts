import { systemClock } from '../../../gateway/kernel/clock.js';
import { silentLog } from '../../../gateway/kernel/log.js';
import { createWrtcEngine } from '../../../gateway/media/workers/wrtc-engine.js';
import type { EngineGap, EngineUnderTest } from '../../contract/engine-under-test.js';
import { describeMediaEngine } from '../../contract/media-engine.contract.js';

async function createWrtc(settings: { timeoutMs?: number } = {}): Promise<EngineUnderTest> {
  const engine = await createWrtcEngine({
    workers: 1,
    browser: { host: '127.0.0.1', ports: undefined },
    carrier: { host: '127.0.0.1', ports: undefined },
    timeoutMs: settings.timeoutMs ?? 10_000,
    log: silentLog,
    clock: systemClock,
  });
  return {
    engine,
    paced: true,
    decodes: true,
    portsPerBrowser: 1,
    toneToleranceMs: 40,
    leastAmplitude: 2500,
    strangers: () => Promise.resolve(0),
    killWorker: () => {
      for (const pid of engine.workerPids()) process.kill(pid, 'SIGKILL');
    },
  };
}

const SAMPLES =
  'libwebrtc takes and gives samples: the trunk has the silence of a browser as audio, and its own is played to the browser';

const GAPS: readonly EngineGap[] = [
  ...['opus', 'g722', 'pcmu', 'pcma'].map((codec) => ({
    title: `carries ${codec} both ways, byte for byte`,
    reason: 'libwebrtc decodes and encodes anew; the cases with a tone show that it arrives',
  })),
  {
    title: 'shows loss as a gap, and keeps late packets in their place',
    reason: 'NetEq and its like conceal what is lost and put in order what is late',
  },
  ...[
    'passes comfort noise on between legs of G.711 that both know it',
    'tells a carrier of the silence of a browser with Opus, and takes it up again',
  ].map((title) => ({ title, reason: SAMPLES })),
  {
    title: 'passes flash to a leg that lists it, and to no other',
    reason: 'NetEq has no tone for event 16; a browser tells flash by INFO',
  },
  {
    title: 'counts connectivity checks that belong to no call',
    reason: 'libwebrtc drops them and does not tell',
  },
];

describeMediaEngine('wrtc', createWrtc, GAPS);

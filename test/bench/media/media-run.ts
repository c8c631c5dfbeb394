import { setTimeout as sleep } from 'node:timers/promises';
import { Child } from '../child-rpc.js';
import { machineCpuSeconds, socketDrops, usage, type Usage } from '../process-usage.js';
import type { BenchCodec } from './bench-codec.js';
import type { BenchEngine } from './bench-engine.js';
import type { GeneratorResult } from './browser-generator.js';

export interface MediaRunOptions {
  codec: BenchCodec;
  calls: number;
  warmUpSeconds: number;
  seconds: number;
}

export interface MediaRunResult {
  engine: string;
  calls: number;
  /** Percent of one core, per call. */
  cpuPerCallPercent: number;
  packetsSent: number;
  /** Sent by the browsers and not echoed back to them, wherever it was lost. */
  packetsLost: number;
  /** Of these, what never reached the carrier, and what the carrier echoed in vain. */
  lostToCarrier: number;
  lostToBrowser: number;
  /** Datagrams dropped at sockets that the engine did not read in time, and at the generators' sockets. */
  droppedAtEngine: number;
  droppedAtGenerators: number;
  roundTripP50Ms: number;
  roundTripP99Ms: number;
  residentPerCallMb: number;
  /** Resident memory with no call, MB. */
  residentIdleMb: number;
  setupMsPerCall: number;
  /** What the browsers and the carrier of the benchmark took, and everything else on the machine: % of a core. */
  generatorsCpuPercent: number;
  othersCpuPercent: number;
}

/** Echo takes some ms; packets on their way when counting stops are no loss. */
const DRAIN_MS = 500;
/** Calls being set up at a time. */
const SETUP_WIDTH = 8;

/** One engine under one load, everything else in processes of their own. */
export async function mediaRun(
  engine: BenchEngine,
  options: MediaRunOptions,
): Promise<MediaRunResult> {
  const browsers = new Child('./media/browser-generator.ts');
  const carrier = new Child('./media/carrier-echo.ts');
  try {
    await engine.start();
    const port = Number(await carrier.call('port'));
    // One call first, so that what an engine loads with its first call is not counted per call.
    const { codec } = options;
    await openCalls(engine, { browsers, codec, count: 1, first: 0, port });
    const idle = usage(engine.pids());
    const setupBegan = performance.now();
    await openCalls(engine, { browsers, codec, count: options.calls - 1, first: 1, port });
    const setupMsPerCall = (performance.now() - setupBegan) / Math.max(1, options.calls - 1);
    await browsers.call('start');
    await sleep(options.warmUpSeconds * 1000);
    const measured = await measure(engine, { browsers, carrier, seconds: options.seconds });
    const { cpuSeconds, elapsedSeconds, residentMb, result, echoed } = measured;
    return {
      engine: engine.name,
      calls: options.calls,
      cpuPerCallPercent: (cpuSeconds / elapsedSeconds / options.calls) * 100,
      packetsSent: result.sent,
      packetsLost: result.sent - result.received,
      lostToCarrier: result.sent - echoed,
      lostToBrowser: echoed - result.received,
      droppedAtEngine: measured.droppedAtEngine,
      droppedAtGenerators: measured.droppedAtGenerators,
      roundTripP50Ms: result.roundTripP50Ms,
      roundTripP99Ms: result.roundTripP99Ms,
      residentPerCallMb: (residentMb - idle.residentMb) / Math.max(1, options.calls - 1),
      residentIdleMb: idle.residentMb,
      setupMsPerCall,
      generatorsCpuPercent: measured.generatorsCpuPercent,
      othersCpuPercent: measured.othersCpuPercent,
    };
  } finally {
    await browsers.stop();
    await engine.closeCalls();
    await engine.stop();
    await carrier.stop();
  }
}

/** Which counting packets belong to; any value but the 0 and 0xff that payloads are filled with. */
const EPOCH = 7;

async function measure(
  engine: BenchEngine,
  { browsers, carrier, seconds }: { browsers: Child; carrier: Child; seconds: number },
) {
  const generators = [browsers.pid, carrier.pid];
  const now = (): { engine: Usage; generators: Usage; machine: number } => ({
    engine: usage(engine.pids()),
    generators: usage(generators),
    machine: machineCpuSeconds(),
  });
  await carrier.call('reset', EPOCH);
  const drops = { engine: socketDrops(engine.pids()), generators: socketDrops(generators) };
  await browsers.call('reset', EPOCH);
  const before = now();
  const began = performance.now();
  await sleep(seconds * 1000);
  const after = now();
  const elapsedSeconds = (performance.now() - began) / 1000;
  await browsers.call('stop');
  await sleep(DRAIN_MS);
  const cpuSeconds = after.engine.cpuSeconds - before.engine.cpuSeconds;
  const generatorSeconds = after.generators.cpuSeconds - before.generators.cpuSeconds;
  const otherSeconds = after.machine - before.machine - cpuSeconds - generatorSeconds;
  return {
    cpuSeconds,
    elapsedSeconds,
    generatorsCpuPercent: (generatorSeconds / elapsedSeconds) * 100,
    othersCpuPercent: (Math.max(0, otherSeconds) / elapsedSeconds) * 100,
    residentMb: after.engine.residentMb,
    result: (await browsers.call('result')) as GeneratorResult,
    echoed: Number(await carrier.call('packets')),
    droppedAtEngine: socketDrops(engine.pids()) - drops.engine,
    droppedAtGenerators: socketDrops(generators) - drops.generators,
  };
}

async function openCalls(
  engine: BenchEngine,
  group: { browsers: Child; codec: BenchCodec; count: number; first: number; port: number },
): Promise<void> {
  const { browsers, codec, count, first, port } = group;
  for (let done = 0; done < count; done += SETUP_WIDTH) {
    const width = Math.min(SETUP_WIDTH, count - done);
    const offers: string[] = [];
    for (let index = 0; index < width; index += 1)
      offers.push(String(await browsers.call('offer', codec)));
    await Promise.all(
      offers.map(async (browserOffer, index) => {
        const number = first + done + index;
        const sdp = await engine.openCall({
          id: `bench-${number}`,
          codec,
          browserOffer,
          carrierAnswer: carrierAnswer(port),
        });
        await browsers.call('answer', { index: number, sdp });
      }),
    );
  }
}

export function carrierAnswer(port: number): string {
  return [
    'v=0',
    'o=carrier 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/AVP 0 126`,
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:126 telephone-event/8000',
    'a=fmtp:126 0-15',
    'a=ptime:20',
    'a=sendrecv',
    '',
  ].join('\r\n');
}

import { Histogram } from '../histogram.js';
import { machineCpuSeconds } from '../process-usage.js';
import type { ServerUnderTest } from './server-under-test.js';
import { SipRig, type LoadResult } from './sip-rig.js';

export interface CallLoadResult {
  server: string;
  callsPerSecond: number;
  calls: number;
  failed: number;
  retransmissions: number;
  /** User and system time of the server's process for each call, ms. */
  serverCpuMsPerCall: number;
  /** The same of the drachtio-srf application. */
  applicationCpuMsPerCall: number;
  /** From the caller's INVITE to its 200, over both legs. */
  answerP50Ms: number;
  answerP99Ms: number;
  /** What both processors worked in the meantime, % of a core, everything on the machine included. */
  machineCpuPercent: number;
}

export interface CallLoadOptions {
  callsPerSecond: number;
  seconds: number;
}

const HOLD_MS = 500;
const WARM_UP_SECONDS = 5;
/** Beyond the rate that is asked for: how far it goes. */
const STEPS = [1.5, 2, 2.5, 3];
const STEP_SECONDS = 5;

/** INVITE, 180, 200, ACK, half a second, BYE, 200, on both legs of a B2BUA. */
export async function callLoadRun(
  server: ServerUnderTest,
  { callsPerSecond, seconds }: CallLoadOptions,
): Promise<{ sustained: CallLoadResult; faster: CallLoadResult[] }> {
  const rig = await SipRig.start(server);
  const at = async (rate: number, duration: number): Promise<CallLoadResult> => {
    const calls = Math.round(rate * duration);
    const machine = machineCpuSeconds();
    const load = await rig.run({ callsPerSecond: rate, calls, holdMs: HOLD_MS });
    const busy = ((machineCpuSeconds() - machine) / load.seconds) * 100;
    return figures({ server: server.name, rate, calls, load, busy });
  };
  try {
    await at(callsPerSecond, WARM_UP_SECONDS);
    const sustained = await at(callsPerSecond, seconds);
    const faster: CallLoadResult[] = [];
    let clean = isClean(sustained);
    for (const factor of STEPS) {
      if (!clean) break;
      const step = await at(Math.round(callsPerSecond * factor), STEP_SECONDS);
      faster.push(step);
      clean = isClean(step);
    }
    const failures = await rig.failures();
    if (failures !== '') process.stderr.write(`${server.name}: ${failures}\n`);
    return { sustained, faster };
  } finally {
    await rig.stop();
  }
}

export function isClean({ failed, retransmissions }: CallLoadResult): boolean {
  return failed === 0 && retransmissions === 0;
}

function figures(parts: {
  server: string;
  rate: number;
  calls: number;
  load: LoadResult;
  busy: number;
}): CallLoadResult {
  const { server, rate, calls, load, busy } = parts;
  const times = new Histogram();
  for (const ms of load.answerTimesMs) times.add(ms);
  return {
    server,
    callsPerSecond: rate,
    calls,
    failed: calls - load.succeeded,
    retransmissions: load.retransmissions,
    serverCpuMsPerCall: (load.serverCpuSeconds * 1000) / calls,
    applicationCpuMsPerCall: (load.applicationCpuSeconds * 1000) / calls,
    answerP50Ms: times.quantile(0.5),
    answerP99Ms: times.quantile(0.99),
    machineCpuPercent: busy,
  };
}

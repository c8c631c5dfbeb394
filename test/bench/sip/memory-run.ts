import { Child } from '../child-rpc.js';
import { SipRig, type LoadResult } from './sip-rig.js';
import type { ServerReport, ServerUnderTest } from './server-under-test.js';

export interface MemoryResult {
  server: string;
  /** Dialogs or registrations that were added. */
  count: number;
  /** Of the server process with all of them, MB. */
  residentMb: number;
  /** What each has added to it, kB. */
  residentPerItemKb: number;
  /** The same of what is in use after a garbage collection, kB; NaN where there is none. */
  livePerItemKb: number;
}

const WARM_UP = { callsPerSecond: 100, calls: 100, holdMs: 100 };
const WARM_UP_BROWSERS = 200;

/** Calls that are up and silent, each with its two dialogs at the server. */
export async function idleDialogsRun(
  server: ServerUnderTest,
  options: { dialogs: number; callsPerSecond: number },
): Promise<MemoryResult> {
  const rig = await SipRig.start(server);
  try {
    failIfAnyFailed(await rig.run(WARM_UP), WARM_UP.calls);
    const before = await server.report();
    const calls = Math.ceil(options.dialogs / 2);
    const release = await rig.hold({ callsPerSecond: options.callsPerSecond, calls });
    try {
      await server.idle();
      const after = await server.report();
      if (after.counts !== undefined && after.counts.dialogs !== 2 * calls)
        throw new Error(`${after.counts.dialogs} dialogs are there instead of ${2 * calls}`);
      return { server: server.name, count: 2 * calls, ...growth(before, after, 2 * calls) };
    } finally {
      await release();
    }
  } finally {
    await rig.stop();
  }
}

/** Browsers that are registered over a WebSocket and silent. */
export async function idleRegistrationsRun(
  server: ServerUnderTest,
  count: number,
): Promise<MemoryResult> {
  const rig = await SipRig.start(server);
  const crowd = new Child('./sip/websocket-crowd-host.ts');
  try {
    const url = rig.websocketUrl;
    const warmUp = Math.min(WARM_UP_BROWSERS, Math.floor(count / 2));
    await crowd.call('register', { url, from: 0, count: warmUp });
    const before = await server.report();
    await crowd.call('register', { url, from: warmUp, count: count - warmUp });
    const after = await server.report();
    if (after.counts !== undefined && after.counts.bindings !== count)
      throw new Error(`${after.counts.bindings} registrations are there instead of ${count}`);
    const open = Number(await crowd.call('open'));
    if (open !== count) throw new Error(`${open} of ${count} WebSockets are open`);
    return { server: server.name, count, ...growth(before, after, count - warmUp) };
  } finally {
    await crowd.stop();
    await rig.stop();
  }
}

function failIfAnyFailed({ succeeded }: LoadResult, calls: number): void {
  if (succeeded !== calls) throw new Error(`only ${succeeded} of ${calls} calls succeeded`);
}

function growth(
  before: ServerReport,
  after: ServerReport,
  added: number,
): Omit<MemoryResult, 'server' | 'count'> {
  const each = (from = Number.NaN, to = Number.NaN): number => ((to - from) * 1024) / added;
  return {
    residentMb: after.residentMb,
    residentPerItemKb: each(before.residentMb, after.residentMb),
    livePerItemKb: each(before.liveMb, after.liveMb),
  };
}

import { systemClock } from '../../gateway/kernel/clock.js';
import { silentLog } from '../../gateway/kernel/log.js';
import {
  createRtpengineEngine,
  type RtpengineEngine,
  type RtpengineEngineOptions,
} from '../../gateway/media/rtpengine/rtpengine-engine.js';
import { RtpengineDaemon } from './rtpengine-daemon.js';

/** An address on which an engine can hear of digits or reports. */
export async function freeListenAddress(): Promise<{ host: string; port: number }> {
  return { host: '127.0.0.1', port: await RtpengineDaemon.freePort() };
}

/** A daemon and an engine that uses it alone, both on loopback. The caller closes the engine and stops the daemon. */
export async function openRtpengine(
  options: Partial<RtpengineEngineOptions> = {},
): Promise<{ daemon: RtpengineDaemon; engine: RtpengineEngine }> {
  const digits = options.digits ?? (await freeListenAddress());
  const daemon = await RtpengineDaemon.start(digits.port, options.reports?.port);
  try {
    const engine = await createRtpengineEngine({
      daemons: [{ host: '127.0.0.1', port: daemon.port, weight: 1 }],
      timeoutMs: 10_000,
      log: silentLog,
      clock: systemClock,
      ...options,
    });
    return { daemon, engine };
  } catch (error) {
    await daemon.stop();
    throw error;
  }
}

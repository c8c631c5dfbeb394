import { systemClock } from '../../../gateway/kernel/clock.js';
import { silentLog } from '../../../gateway/kernel/log.js';
import type { MediaEngine } from '../../../gateway/media/media-engine.js';
import { createRtpengineEngine } from '../../../gateway/media/rtpengine/rtpengine-engine.js';
import { createRelayEngine } from '../../../gateway/media/workers/relay-engine.js';
import { RtpengineDaemon } from '../../support/rtpengine-daemon.js';

const TIMEOUT_MS = 60_000;

/** A media engine of the gateway on loopback; `rtpengine` with a daemon of its own. */
export async function openDtmfEngine(
  name: string,
): Promise<{ engine: MediaEngine; close: () => Promise<void> }> {
  const common = { timeoutMs: TIMEOUT_MS, log: silentLog, clock: systemClock };
  if (name !== 'rtpengine') {
    const engine = await createRelayEngine({
      ...common,
      workers: 1,
      browser: { host: '127.0.0.1', port: 0 },
      carrier: { host: '127.0.0.1', ports: undefined },
    });
    return { engine, close: () => engine.close() };
  }
  const digits = { host: '127.0.0.1', port: await RtpengineDaemon.freePort() };
  const daemon = await RtpengineDaemon.start(digits.port);
  const daemons = [{ host: '127.0.0.1', port: daemon.port, weight: 1 }];
  const engine = await createRtpengineEngine({ ...common, daemons, digits, instance: 'bench' });
  const close = async (): Promise<void> => {
    await engine.close();
    await daemon.stop();
  };
  return { engine, close };
}

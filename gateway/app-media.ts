import { availableParallelism } from 'node:os';
import { relayBrowserPort } from './app-settings.js';
import type { CopperlineConfig } from './config/schema.js';
import type { Clock } from './kernel/clock.js';
import type { Log } from './kernel/log.js';
import type { MediaEngine } from './media/media-engine.js';
import { createRtpengineEngine } from './media/rtpengine/rtpengine-engine.js';
import { createRelayEngine } from './media/workers/relay-engine.js';
import { createWrtcEngine } from './media/workers/wrtc-engine.js';

/**
 * Starts the media engine that the settings choose.
 * @throws CopperlineError CL_START_PORT_IN_USE
 */
export function startMediaEngine(
  { engine, relay, wrtc, rtpengine }: CopperlineConfig['media'],
  shared: { log: Log; clock: Clock },
): Promise<MediaEngine> {
  switch (engine) {
    case 'relay':
      return createRelayEngine({
        ...workersOf(relay),
        browser: relayBrowserPort(relay.browser),
        ...shared,
      });
    case 'wrtc':
      return createWrtcEngine({ ...workersOf(relay), browser: wrtc.browser, ...shared });
    case 'rtpengine': {
      const { pingIntervalMs, timeoutSeconds, ...same } = rtpengine;
      return createRtpengineEngine({
        ...same,
        pingMs: pingIntervalMs,
        timeoutMs: timeoutSeconds * 1000,
        ...shared,
      });
    }
  }
}

function workersOf({ workers, carrier, timeoutSeconds }: CopperlineConfig['media']['relay']): {
  workers: number;
  carrier: CopperlineConfig['media']['relay']['carrier'];
  timeoutMs: number;
} {
  const count = workers === 'auto' ? availableParallelism() : workers;
  return { workers: count, carrier, timeoutMs: timeoutSeconds * 1000 };
}

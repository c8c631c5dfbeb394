import { availableParallelism } from 'node:os';
import { relayBrowserPort } from './app-settings.js';
import type { CopperlineConfig } from './config/schema.js';
import type { Clock } from './kernel/clock.js';
import type { Log } from './kernel/log.js';
import type { MediaEngine } from './media/media-engine.js';
import { createRtpengineEngine } from './media/rtpengine/rtpengine-engine.js';
import { createRelayEngine } from './media/workers/relay-engine.js';

/**
 * Starts the media engine that the settings choose.
 * @throws CopperlineError CL_START_PORT_IN_USE
 */
export function startMediaEngine(
  { engine, relay, rtpengine }: CopperlineConfig['media'],
  shared: { log: Log; clock: Clock },
): Promise<MediaEngine> {
  switch (engine) {
    case 'relay': {
      const { workers, browser, carrier, timeoutSeconds } = relay;
      return createRelayEngine({
        workers: workers === 'auto' ? availableParallelism() : workers,
        browser: relayBrowserPort(browser),
        carrier,
        timeoutMs: timeoutSeconds * 1000,
        ...shared,
      });
    }
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

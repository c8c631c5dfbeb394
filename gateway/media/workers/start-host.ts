import type { Clock } from '../../kernel/clock.js';
import type { RelayHost } from '../relay/relay-host.js';
import type { WrtcHost } from '../wrtc/wrtc-host.js';
import type { HostOptions } from './worker-protocol.js';

/**
 * Starts the sessions of one engine; each loads its own native code only.
 * @throws CopperlineError CL_START_PORT_IN_USE
 */
export async function startHost(
  options: HostOptions,
  clock: Clock,
): Promise<{ host: RelayHost | WrtcHost; endLibrary: () => void }> {
  if (options.engine === 'relay') {
    const { RelayHost } = await import('../relay/relay-host.js');
    const { endLibrary } = await import('../relay/browser-transport.js');
    return { host: await RelayHost.start(options, clock), endLibrary };
  }
  const { PipedSessions } = await import('../relay/piped-sessions.js');
  const { WrtcHost } = await import('../wrtc/wrtc-host.js');
  const inner = new PipedSessions(options, clock);
  const host = await WrtcHost.start(options, { clock, inner });
  return { host, endLibrary: () => undefined };
}

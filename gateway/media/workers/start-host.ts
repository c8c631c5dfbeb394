import type { Clock } from '../../kernel/clock.js';
import type { RelayHost } from '../relay/relay-host.js';
import type { WrtcHost } from '../wrtc/wrtc-host.js';
import type { HostOptions } from './worker-protocol.js';

/**
 * Starts the sessions of one engine; each loads its own native code only.
 * @throws CopperlineError CL_START_PORT_IN_USE
 */
export async function startHost(options: HostOptions, clock: Clock): Promise<RelayHost | WrtcHost> {
  if (options.engine === 'relay') {
    const { RelayHost } = await import('../relay/relay-host.js');
    return RelayHost.start(options, clock);
  }
  const { PipedSessions } = await import('../relay/piped-sessions.js');
  const { WrtcHost } = await import('../wrtc/wrtc-host.js');
  const inner = new PipedSessions(options, clock);
  return WrtcHost.start(options, { clock, inner });
}

import type { Clock } from '../../kernel/clock.js';
import type { LegName, MediaSessionHandlers } from '../media-engine.js';
import type { RtpPipe } from '../rtp/rtp-pipe.js';
import { SoundFiles } from '../sounds/sound-files.js';
import type { LinkResources } from './leg-link.js';
import type { RelayHostOptions } from './relay-host.js';
import { RelaySession } from './relay-session.js';
import { UdpPortPairs } from './udp-port-pair.js';

/** Sessions whose browsers somebody else speaks to: their legs are on pipes. */
export class PipedSessions {
  readonly #resources: LinkResources;
  readonly #timeoutMs: number;

  constructor(
    { carrier, timeoutMs }: Pick<RelayHostOptions, 'carrier' | 'timeoutMs'>,
    clock: Clock,
  ) {
    this.#timeoutMs = timeoutMs;
    this.#resources = {
      clock,
      browserPort: undefined,
      carrierPorts: new UdpPortPairs({
        ...{ host: carrier.host, range: carrier.ports, start: carrier.start, clock },
      }),
      carrierAddress: carrier.advertised ?? carrier.host,
      soundFiles: new SoundFiles(),
    };
  }

  open(options: {
    callId: string;
    handlers: MediaSessionHandlers;
    pipeOf: (leg: LegName) => RtpPipe | undefined;
  }): RelaySession {
    return new RelaySession({
      ...options,
      resources: this.#resources,
      timeoutMs: this.#timeoutMs,
    });
  }

  /** RTP and RTCP ports that are open. */
  get ports(): number {
    return this.#resources.carrierPorts.open * 2;
  }
}

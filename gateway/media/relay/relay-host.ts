import type { Clock } from '../../kernel/clock.js';
import { CopperlineError } from '../../kernel/errors.js';
import { SerialQueue } from '../../kernel/serial-queue.js';
import type {
  DigitFate,
  DigitToSend,
  ForeignPackets,
  LegName,
  LegPolicy,
  MediaSessionOptions,
  MediaStatistics,
  Sound,
} from '../media-engine.js';
import { SoundFiles } from '../sounds/sound-files.js';
import { BrowserPort, type BrowserPortOptions } from './browser-port.js';
import type { LinkResources } from './leg-link.js';
import { PromptWatch } from './prompt-watch.js';
import { RelaySession } from './relay-session.js';
import { UdpPortPairs, type PortRange } from './udp-port-pair.js';

export interface RelayHostOptions {
  browser: BrowserPortOptions;
  carrier: {
    /** IP address to bind. */
    host: string;
    /** Undefined: any free ports. */
    ports: PortRange | undefined;
    /** Address written into the SDP when it is not `host`. */
    advertised?: string | undefined;
    /** Fraction of the range to begin at. */
    start: number;
  };
  timeoutMs: number;
}

interface Entry {
  session: RelaySession;
  queue: SerialQueue;
  prompts: PromptWatch;
}

/** All sessions of one worker process, on one port for browsers. */
export class RelayHost {
  readonly #options: RelayHostOptions;
  readonly #resources: LinkResources & { browserPort: BrowserPort };
  readonly #sessions = new Map<number, Entry>();

  private constructor(
    options: RelayHostOptions,
    resources: LinkResources & { browserPort: BrowserPort },
  ) {
    this.#options = options;
    this.#resources = resources;
  }

  /** @throws CopperlineError CL_START_PORT_IN_USE */
  static async start(options: RelayHostOptions, clock: Clock): Promise<RelayHost> {
    const { carrier } = options;
    const browserPort = await BrowserPort.open(options.browser, clock);
    return new RelayHost(options, {
      clock,
      browserPort,
      carrierPorts: new UdpPortPairs({
        ...{ host: carrier.host, range: carrier.ports, start: carrier.start, clock },
      }),
      carrierAddress: carrier.advertised ?? carrier.host,
      soundFiles: new SoundFiles(),
    });
  }

  /** UDP port that browsers use. */
  get browserPort(): number {
    return this.#resources.browserPort.port;
  }

  open(id: number, options: MediaSessionOptions): void {
    const prompts = new PromptWatch((from) => options.handlers.onPrompt?.(from));
    const session = new RelaySession({
      ...{ ...options, prompts },
      resources: this.#resources,
      timeoutMs: this.#options.timeoutMs,
    });
    this.#sessions.set(id, { session, queue: new SerialQueue(), prompts });
  }

  offerTo(
    id: number,
    to: LegName,
    offer: { sdp: string; policies: { from: LegPolicy; to: LegPolicy } },
  ): Promise<string> {
    const { session, queue } = this.#entry(id);
    return queue.run(() => session.offerTo(to, offer.sdp, offer.policies));
  }

  offerAlone(
    id: number,
    to: LegName,
    policies: { from: LegPolicy; to: LegPolicy },
  ): Promise<string> {
    const { session, queue } = this.#entry(id);
    return queue.run(() => session.alone.offer(to, policies));
  }

  answerTo(id: number, to: LegName, answer: string): Promise<string> {
    const { session, queue } = this.#entry(id);
    return queue.run(() => session.answerTo(to, answer));
  }

  sendDigits(id: number, to: LegName, digits: readonly DigitToSend[]): DigitFate[] {
    return this.#entry(id).session.sendDigits(to, digits);
  }

  answerAlone(id: number, to: LegName, offer: { sdp: string; policy: LegPolicy }): Promise<string> {
    const { session, queue } = this.#entry(id);
    return queue.run(() => session.answerAlone(to, offer.sdp, offer.policy));
  }

  play(id: number, to: LegName, sound: Sound): Promise<void> {
    const { session } = this.#entry(id);
    return session.play(to, sound);
  }

  stopPlaying(id: number, to: LegName): void {
    this.#entry(id).session.stopPlaying(to);
  }

  listenForPrompt(id: number, from: LegName, limitMs: number): void {
    this.#entry(id).prompts.listen(from, limitMs);
  }

  renewalOffer(id: number, to: LegName): Promise<string> {
    const { session, queue } = this.#entry(id);
    return queue.run(() => session.renewal.offer(to));
  }

  renewWithAnswer(id: number, from: LegName, answer: string): Promise<void> {
    const { session, queue } = this.#entry(id);
    return queue.run(() => {
      session.renewal.takeAnswer(from, answer);
    });
  }

  renewWithOffer(id: number, from: LegName, offer: string): Promise<string> {
    const { session, queue } = this.#entry(id);
    return queue.run(() => session.renewal.takeOffer(from, offer));
  }

  statistics(id: number): MediaStatistics {
    return this.#entry(id).session.statistics();
  }

  close(id: number): MediaStatistics {
    const { session } = this.#entry(id);
    this.#sessions.delete(id);
    return session.close();
  }

  /** What is open, and what came to the port for browsers that was not theirs. */
  counts(): { sessions: number; ports: number; foreign: ForeignPackets } {
    const { carrierPorts, browserPort } = this.#resources;
    return {
      sessions: this.#sessions.size,
      ports: carrierPorts.open * 2,
      foreign: { strangers: browserPort.strangers, unclaimed: browserPort.unclaimed },
    };
  }

  shutDown(): void {
    for (const { session } of this.#sessions.values()) session.close();
    this.#sessions.clear();
    this.#resources.carrierPorts.close();
    this.#resources.browserPort.close();
  }

  #entry(id: number): Entry {
    const entry = this.#sessions.get(id);
    if (entry !== undefined) return entry;
    throw new CopperlineError('CL_MEDIA_CLOSED', { sentence: 'The media session is closed.' });
  }
}

import type { Clock } from '../kernel/clock.js';
import { newToken } from '../kernel/ids.js';
import type { Log } from '../kernel/log.js';
import { Secret } from '../kernel/secret.js';
import type { SipServer, SipServerCounts } from '../sip-server/server-options.js';
import { startSipServer } from '../sip-server/server.js';
import type { CallLimits } from './answered-call.js';
import { CallDesk } from './call-desk.js';
import type { DemoCallView } from './call-events.js';
import type { CarrierInvite } from './carrier-sip.js';
import { DemoCall } from './demo-call.js';
import { connectSip, type SipConnection } from './drachtio-sip.js';
import type { DtmfReport } from './dtmf-report.js';
import { loadPrompts } from './prompts.js';
import type { ToneReading } from './tone-detector.js';

export interface DemoCarrierOptions {
  /** IP address for SIP and RTP: `127.0.0.1`. */
  host: string;
  /** UDP port for SIP; 0 for any. */
  port: number;
  log: Log;
  clock: Clock;
  limits?: Partial<CallLimits>;
}

/** `calls`, `answered` and `invites` are 0 when nothing is going on. */
interface DemoCarrierCounts {
  /** Calls of every stage. */
  calls: number;
  /** Calls that were answered and are up. */
  answered: number;
  /** INVITEs and dialogs that drachtio-srf still holds. */
  invites: number;
  total: number;
  digits: number;
  digitsWithDefects: number;
  /** The carrier's own SIP server, for leak checks. */
  sip: SipServerCounts;
}

/** A carrier to call: its numbers are in README.md of this folder. */
export interface DemoCarrier {
  readonly host: string;
  readonly sipPort: number;
  /** Answered calls that are up. */
  calls(): DemoCallView[];
  /** The last reports, newest last. They hold digits: never log them. */
  reports(): DtmfReport[];
  /** Each returns the function that removes the listener. */
  onReport(listener: (report: DtmfReport) => void): () => void;
  onTone(listener: (call: DemoCallView, tone: ToneReading) => void): () => void;
  onAnswered(listener: (call: DemoCallView) => void): () => void;
  onEnded(listener: (call: DemoCallView, sentence: string) => void): () => void;
  counts(): DemoCarrierCounts;
  /** Ends every call with BYE or 503, then closes all ports. Idempotent. */
  close(): Promise<void>;
}

const LIMITS: CallLimits = { digitPauseMs: 1500, silenceMs: 60_000, maxCallMs: 600_000 };

/**
 * Starts a carrier with its own SIP server on its own ports.
 * @throws CopperlineError CL_DEMO_PROMPT_MISSING, CL_DEMO_NOT_CONNECTED, or what the SIP server throws
 */
export async function startDemoCarrier(options: DemoCarrierOptions): Promise<DemoCarrier> {
  const { host, port, log, clock } = options;
  const prompts = await loadPrompts();
  const secret = new Secret(newToken(16));
  const server = await startSipServer({
    listeners: [{ protocol: 'udp', host, port }],
    application: { host: '127.0.0.1', port: 0, secret },
    log,
    clock,
  });
  const desk = new CallDesk(log);
  const onInvite = (invite: CarrierInvite): void => {
    desk.take(
      new DemoCall(invite, {
        host,
        prompts,
        clock,
        log,
        limits: { ...LIMITS, ...options.limits },
        listener: desk,
      }),
    );
  };
  try {
    const sip = await connectSip({
      address: server.applicationAddress,
      secret,
      clock,
      log,
      onInvite,
    });
    return carrierOf({ host, desk, sip, server });
  } catch (error) {
    await server.close();
    throw error;
  }
}

interface Parts {
  host: string;
  desk: CallDesk;
  sip: SipConnection;
  server: SipServer;
}

function carrierOf({ host, desk, sip, server }: Parts): DemoCarrier {
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await desk.close();
    await sip.close();
    await server.close();
  };
  return {
    host,
    sipPort: portOf(server),
    calls: () => desk.views(),
    reports: () => [...desk.reports],
    onReport: (listener) => desk.events.on('report', listener),
    onTone: (listener) => desk.events.on('tone', listener),
    onAnswered: (listener) => desk.events.on('answered', listener),
    onEnded: (listener) => desk.events.on('ended', listener),
    counts: () => ({
      ...desk.counts(),
      answered: desk.views().length,
      invites: sip.size,
      sip: server.counts(),
    }),
    close: () => (closing ??= close()),
  };
}

/** The port of `udp/127.0.0.1:5060`. */
function portOf(server: SipServer): number {
  return Number(/:(\d+)$/.exec(server.contacts[0] ?? '')?.[1]);
}

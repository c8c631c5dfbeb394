import { hostname } from 'node:os';
import type { Clock } from '../../kernel/clock.js';
import { toCopperlineError } from '../../kernel/errors.js';
import { newToken } from '../../kernel/ids.js';
import type { Log } from '../../kernel/log.js';
import type { MediaEngine, MediaSession, MediaSessionOptions } from '../media-engine.js';
import { SoundFiles } from '../sounds/sound-files.js';
import { Daemon, type DaemonSettings } from './daemon.js';
import { DaemonPool } from './daemon-pool.js';
import { DatagramListener, type ListenAddress } from './datagram-listener.js';
import { readDigit } from './heard-digit.js';
import { readPeerReport } from './peer-report.js';
import type { InterfaceNames } from './ng-flags.js';
import { RtpengineSession } from './rtpengine-session.js';

export interface RtpengineEngineOptions {
  daemons: readonly DaemonSettings[];
  /**
   * Marks this gateway's calls on the daemons, so that those of an earlier run can be told from those of
   * other gateways; default the name of the machine.
   */
  instance?: string | undefined;
  /** Where the daemons send digits (`--dtmf-log-dest`); undefined: none are reported. */
  digits?: ListenAddress | undefined;
  /** Where the daemons send the RTCP reports of the legs (`--homer`, by UDP); undefined: quality is not measured. */
  reports?: ListenAddress | undefined;
  interfaces?: InterfaceNames | undefined;
  /** Puts digits that come by signalling into G.711 that goes straight through, which keeps it out of the kernel; default true. */
  injectDigits?: boolean;
  /** A leg that is not on hold and sends nothing for this long ends its call, ms. */
  timeoutMs: number;
  /** How long a daemon may take to answer, ms; default 1500. */
  requestTimeoutMs?: number;
  /** How often each daemon is asked whether it is up, ms; default 1000. */
  pingMs?: number;
  log: Log;
  clock: Clock;
}

/** The media engine that leaves the packets to a pool of rtpengine daemons. */
export interface RtpengineEngine extends MediaEngine {
  /** The UDP port of `digits`; undefined when none are reported. */
  readonly digitsPort: number | undefined;
}

/**
 * Asks each daemon whether it is up and deletes what an earlier run of this gateway left there. Daemons that
 * are down are asked again and again; until one is up, calls are refused.
 * @throws CopperlineError CL_START_PORT_IN_USE when the port for digits or for reports cannot be had
 */
export async function createRtpengineEngine(
  options: RtpengineEngineOptions,
): Promise<RtpengineEngine> {
  const { log, clock, daemons, requestTimeoutMs = 1500, pingMs = 1000 } = options;
  const instance = (options.instance ?? hostname()).replace(/[^A-Za-z0-9._-]/g, '-');
  const names = { instance, run: newToken(4) };
  const pool = new DaemonPool(
    daemons.map(
      (settings) =>
        new Daemon({ settings, pingMs, timeoutMs: requestTimeoutMs, names, log, clock }),
    ),
  );
  const sessions = new Map<string, RtpengineSession>();
  const listeners = await openListeners(options, sessions);
  await pool.start();
  if (pool.up === 0) log.warn('no rtpengine answers; calls are refused until one does');
  return new Engine({
    ...options,
    prefix: `${instance}/${names.run}`,
    pool,
    sessions,
    listeners,
  });
}

async function openListeners(
  options: RtpengineEngineOptions,
  sessions: ReadonlyMap<string, RtpengineSession>,
): Promise<Parts['listeners']> {
  const onDigit = (datagram: Buffer): void => {
    const digit = readDigit(datagram);
    if (digit !== undefined) sessions.get(digit.callId)?.hear(digit);
  };
  const onReport = (datagram: Buffer): void => {
    const report = readPeerReport(datagram);
    if (report !== undefined) sessions.get(report.callId)?.takeReport(report);
  };
  const open = DatagramListener.open.bind(DatagramListener);
  const digits =
    options.digits && (await open(options.digits, 'digits (media.rtpengine.digits)', onDigit));
  try {
    const reports =
      options.reports &&
      (await open(options.reports, 'reports (media.rtpengine.reports)', onReport));
    return { digits, reports };
  } catch (error) {
    await digits?.close();
    throw error;
  }
}

interface Parts extends RtpengineEngineOptions {
  prefix: string;
  pool: DaemonPool;
  sessions: Map<string, RtpengineSession>;
  listeners: { digits: DatagramListener | undefined; reports: DatagramListener | undefined };
}

class Engine implements RtpengineEngine {
  readonly name = 'rtpengine';
  readonly digitsPort: number | undefined;
  readonly #parts: Parts;
  readonly #files = new SoundFiles();
  #closing: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.digitsPort = parts.listeners.digits?.port;
  }

  open(options: MediaSessionOptions): Promise<MediaSession> {
    const { prefix, pool, sessions, timeoutMs, log, clock } = this.#parts;
    const { interfaces, injectDigits = true } = this.#parts;
    const id = `${prefix}/${newToken(12)}`;
    const onClosed = (): void => void sessions.delete(id);
    const files = this.#files;
    const shared = { pool, files, interfaces, injectDigits, timeoutMs, log, clock };
    try {
      const session = new RtpengineSession({ ...options, ...shared, id, onClosed });
      sessions.set(id, session);
      return Promise.resolve(session);
    } catch (error) {
      return Promise.reject(toCopperlineError(error, 'CL_INTERNAL'));
    }
  }

  counts(): Promise<{ sessions: number; ports: number; workers: number }> {
    const { sessions, pool } = this.#parts;
    const ports = [...sessions.values()].reduce((sum, session) => sum + session.ports, 0);
    return Promise.resolve({ sessions: sessions.size, ports, workers: pool.up });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { sessions, pool, listeners } = this.#parts;
    await Promise.all([...sessions.values()].map((session) => session.close()));
    pool.close();
    await listeners.digits?.close();
    await listeners.reports?.close();
  }
}

import { silentLog } from '../../../gateway/kernel/log.js';
import { newToken } from '../../../gateway/kernel/ids.js';
import { Secret } from '../../../gateway/kernel/secret.js';
import { startSipServer } from '../../../gateway/sip-server/server.js';
import type { SipServer, SipServerCounts } from '../../../gateway/sip-server/server-options.js';
import { ManualClock } from '../manual-clock.js';
import type { SrfClient } from '../srf-wire.js';
import { connectFuzzApplication } from './fuzz-application.js';
import type { FuzzMessages } from './fuzz-messages.js';
import { TestAuthority } from './certificates.js';
import { openUdpLine, openWebSocketLine, probe, type RawLine } from './raw-line.js';
import { openStreamLine, openWebSocketPortLine } from './raw-stream-line.js';
import { ScriptedDns } from './scripted-dns.js';

/** Few enough for the socket buffers, so that no loss hides an answer. */
const BATCH = 20;
/** After so long every transaction, lost call and registration is over. */
const OVER_MS = 200_000;
const PATIENCE_MS = 20_000;
/** A batch on one WebSocket is to be read to its end. */
const LENIENT = { maxMalformed: 2 * BATCH };

export interface LiveFindings {
  /** Sentences that begin with seed and index. */
  defects: string[];
  sent: { messages: number; bytes: number };
  /** What came back before time moved: answers proper. */
  answered: { messages: number; bytes: number };
  /** What came back as time moved: retransmissions, and BYEs of calls that nobody acknowledged. */
  repeated: number;
}

/**
 * The server with an application of drachtio-srf and a peer on each transport, on a clock that only a batch moves. It
 * finds no name in DNS: nothing of what the messages name is ever asked for.
 */
export class FuzzServer {
  readonly findings: LiveFindings = {
    defects: [],
    sent: { messages: 0, bytes: 0 },
    answered: { messages: 0, bytes: 0 },
    repeated: 0,
  };
  readonly #server: SipServer;
  readonly #clock: ManualClock;
  readonly #srf: SrfClient;
  readonly #lines: readonly RawLine[];

  private constructor(parts: {
    server: SipServer;
    clock: ManualClock;
    srf: SrfClient;
    lines: readonly RawLine[];
  }) {
    this.#server = parts.server;
    this.#clock = parts.clock;
    this.#srf = parts.srf;
    this.#lines = parts.lines;
  }

  static async start(): Promise<FuzzServer> {
    const clock = new ManualClock();
    const secret = newToken();
    const authority = new TestAuthority();
    const tls = { certificates: [authority.issue('IP:127.0.0.1')] as const };
    const place = { host: '127.0.0.1', port: 0 };
    const server = await startSipServer({
      listeners: [
        { protocol: 'udp', ...place },
        { protocol: 'tcp', ...place },
        { protocol: 'tls', ...place, tls },
        { protocol: 'ws', ...place, limits: LENIENT },
        { protocol: 'wss', ...place, tls, limits: LENIENT },
      ],
      resolver: new ScriptedDns(),
      websocket: { host: 'gateway.test', port: 8443 },
      application: { host: '127.0.0.1', port: 0, secret: new Secret(secret) },
      log: silentLog,
      clock,
    });
    const srf = await connectFuzzApplication(server.applicationAddress, secret);
    authority.remove();
    const lines = [
      await openUdpLine(server),
      await openWebSocketLine(server),
      openStreamLine(server, 'tcp'),
      openStreamLine(server, 'tls'),
      openWebSocketPortLine(server, 'ws'),
      openWebSocketPortLine(server, 'wss'),
    ];
    return new FuzzServer({ server, clock, srf, lines });
  }

  /** Sends messages `from` to `to`-1, in turns over all transports. */
  async run(messages: FuzzMessages, from: number, to: number): Promise<void> {
    for (let first = from; first < to; first += BATCH) {
      const last = Math.min(to, first + BATCH);
      const line = this.#lines[(first / BATCH) % this.#lines.length];
      if (line === undefined) throw new Error('There is no line.');
      await this.#batch(line, { messages, first, last });
    }
  }

  async #batch(
    line: RawLine,
    { messages, first, last }: { messages: FuzzMessages; first: number; last: number },
  ): Promise<void> {
    const where = `seed ${messages.seed}, messages ${first} to ${last - 1} over ${line.protocol}`;
    const { sent, answered, defects } = this.findings;
    for (let index = first; index < last; index++) {
      await line.ready?.();
      const bytes = messages.at(index);
      line.send(bytes);
      sent.messages += 1;
      sent.bytes += bytes.length;
    }
    await line.flushed?.();
    const alive = await inTime(probe(line), where);
    if (alive.status !== 200) defects.push(`${where}: OPTIONS is answered ${alive.startLine}`);
    for (const answer of line.take()) {
      answered.messages += 1;
      answered.bytes += Buffer.byteLength(answer.text);
    }
    await this.#clock.advanceAsync(OVER_MS);
    line.rest?.();
    await inTime(probe(line), where);
    await this.#clock.advanceAsync(OVER_MS);
    this.findings.repeated += line.take().length;
    for (const text of line.unreadable.splice(0)) defects.push(`${where}: unreadable: ${text}`);
    const left = leftovers(this.#server.counts(), this.#lines.length);
    if (left !== undefined) defects.push(`${where}: left over: ${left}`);
  }

  /** Returns what is left in the closed server: all zero. */
  async close(): Promise<SipServerCounts> {
    this.#srf.disconnect();
    await this.#server.close();
    for (const line of this.#lines) await line.close();
    return this.#server.counts();
  }
}

/** An open connection waits for its next message; besides, the certificates are looked at from time to time. */
const OWN_TIMERS = 1;

function leftovers(counts: SipServerCounts, lines: number): string | undefined {
  const { transactions, waiting, dialogs, bindings, timers, flows } = counts;
  const over = transactions + waiting + dialogs + bindings === 0;
  const clean = over && timers <= flows + OWN_TIMERS && flows < lines;
  return clean ? undefined : JSON.stringify(counts);
}

async function inTime<Result>(promise: Promise<Result>, where: string): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${where}: the server does not answer any more`));
    }, PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { systemClock } from '../../kernel/clock.js';
import { CopperlineError } from '../../kernel/errors.js';
import type { RelayHost } from '../relay/relay-host.js';
import type { WrtcHost } from '../wrtc/wrtc-host.js';
import { startHost } from './start-host.js';
import {
  type ProcessHealth,
  toWireError,
  type WorkerMessage,
  type WorkerMethod,
  type WorkerRequest,
  type WorkerRequests,
} from './worker-protocol.js';

/**
 * A media worker: a process of its own, so that signalling never delays a packet and a crash ends only the calls
 * that it carries. Lives as long as the gateway's end of the channel.
 */
/** Coarse: the timer of the measurement must not cost what it measures. */
const LOOP_RESOLUTION_MS = 20;

let host: RelayHost | WrtcHost | undefined;

function tell(message: WorkerMessage): void {
  // A channel that closed between two packets is the parent's end; `disconnect` follows.
  process.send?.(message, undefined, undefined, () => undefined);
}

function running(): RelayHost | WrtcHost {
  if (host !== undefined) return host;
  throw new CopperlineError('CL_MEDIA_UNAVAILABLE', { sentence: 'The worker has not started.' });
}

function open(session: number, call: { callId: string; ownCertificate: boolean }): void {
  running().open(session, {
    ...call,
    handlers: {
      onConnected: (leg) => {
        tell({ event: 'connected', session, leg });
      },
      onDigit: (report) => {
        tell({ event: 'digit', session, report });
      },
      onQuality: (quality) => {
        tell({ event: 'quality', session, quality });
      },
      onRejected: (rejection) => {
        tell({ event: 'rejected', session, rejection });
      },
      onPlayed: (leg) => {
        tell({ event: 'played', session, leg });
      },
      onPrompt: (leg) => {
        tell({ event: 'prompt', session, leg });
      },
      onFailed: (error) => {
        tell({ event: 'failed', session, error: toWireError(error) });
      },
    },
  });
}

const loopDelay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
loopDelay.enable();

function processHealth(): ProcessHealth {
  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - LOOP_RESOLUTION_MS);
  const health = {
    memoryBytes: process.memoryUsage.rss(),
    eventLoopDelayMs: { p99: late(loopDelay.percentile(99)), max: late(loopDelay.max) },
  };
  loopDelay.reset();
  return health;
}

type Performed<Result> = Result extends undefined ? void | Promise<void> : Result | Promise<Result>;

const METHODS: {
  [Method in WorkerMethod]: (
    args: WorkerRequests[Method]['args'],
  ) => Performed<WorkerRequests[Method]['result']>;
} = {
  start: async (options) => {
    host = await startHost(options, systemClock);
    return { browserPort: host.browserPort };
  },
  open: ({ session, callId, ownCertificate }) => {
    open(session, { callId, ownCertificate });
  },
  offerTo: ({ session, to, ...offer }) => running().offerTo(session, to, offer),
  offerAlone: ({ session, to, policies }) => running().offerAlone(session, to, policies),
  answerTo: ({ session, to, sdp }) => running().answerTo(session, to, sdp),
  sendDigits: ({ session, to, digits }) => running().sendDigits(session, to, digits),
  answerAlone: ({ session, to, ...offer }) => running().answerAlone(session, to, offer),
  play: ({ session, to, sound }) => running().play(session, to, sound),
  stopPlaying: ({ session, to }) => {
    running().stopPlaying(session, to);
  },
  listenForPrompt: ({ session, from, limitMs }) => {
    running().listenForPrompt(session, from, limitMs);
  },
  renewalOffer: ({ session, to }) => running().renewalOffer(session, to),
  renewWithAnswer: ({ session, from, sdp }) => running().renewWithAnswer(session, from, sdp),
  renewWithOffer: ({ session, from, sdp }) => running().renewWithOffer(session, from, sdp),
  statistics: ({ session }) => running().statistics(session),
  close: ({ session }) => running().close(session),
  counts: () => running().counts(),
  health: processHealth,
};

async function perform<Method extends WorkerMethod>(request: {
  method: Method;
  args: WorkerRequests[Method]['args'];
}): Promise<unknown> {
  return METHODS[request.method](request.args);
}

process.on('message', (request: WorkerRequest) => {
  perform(request).then(
    (result) => {
      tell({ id: request.id, result });
    },
    (error: unknown) => {
      tell({ id: request.id, error: toWireError(error) });
    },
  );
});

process.on('disconnect', () => {
  host?.shutDown();
  process.exit(0);
});

// The terminal signals the whole group; the gateway decides when calls end, and then disconnects.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

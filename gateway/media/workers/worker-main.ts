import { systemClock } from '../../kernel/clock.js';
import { CopperlineError } from '../../kernel/errors.js';
import { endLibrary } from '../relay/browser-transport.js';
import { RelayHost } from '../relay/relay-host.js';
import { toWireError, type WorkerMessage, type WorkerRequest } from './worker-protocol.js';

/**
 * A media worker: a process of its own, so that signalling never delays a packet and a crash in native code ends
 * only the calls that it carries. Lives as long as the gateway's end of the channel.
 */
let host: RelayHost | undefined;

function tell(message: WorkerMessage): void {
  // A channel that closed between two packets is the parent's end; `disconnect` follows.
  process.send?.(message, undefined, undefined, () => undefined);
}

function running(): RelayHost {
  if (host !== undefined) return host;
  throw new CopperlineError('CL_MEDIA_UNAVAILABLE', { sentence: 'The worker has not started.' });
}

function open(session: number, callId: string): void {
  running().open(session, {
    callId,
    handlers: {
      onConnected: (leg) => {
        tell({ event: 'connected', session, leg });
      },
      onDigit: (report) => {
        tell({ event: 'digit', session, report });
      },
      onPlayed: (leg) => {
        tell({ event: 'played', session, leg });
      },
      onFailed: (error) => {
        tell({ event: 'failed', session, error: toWireError(error) });
      },
    },
  });
}

async function perform(request: WorkerRequest): Promise<unknown> {
  switch (request.method) {
    case 'start':
      host = await RelayHost.start(request.args, systemClock);
      return { browserPort: host.browserPort };
    case 'open':
      open(request.args.session, request.args.callId);
      return undefined;
    case 'offerTo':
      return running().offerTo(request.args.session, request.args.to, request.args);
    case 'answerTo':
      return running().answerTo(request.args.session, request.args.to, request.args.sdp);
    case 'sendDigits': {
      const { session, to, digits } = request.args;
      return running().sendDigits(session, to, digits);
    }
    case 'answerAlone': {
      const { session, to, ...offer } = request.args;
      return running().answerAlone(session, to, offer);
    }
    case 'play': {
      const { session, to, sound } = request.args;
      await running().play(session, to, sound);
      return undefined;
    }
    case 'stopPlaying':
      running().stopPlaying(request.args.session, request.args.to);
      return undefined;
    case 'renewalOffer':
      return running().renewalOffer(request.args.session, request.args.to);
    case 'renewWithAnswer': {
      const { session, from, sdp } = request.args;
      await running().renewWithAnswer(session, from, sdp);
      return undefined;
    }
    case 'renewWithOffer': {
      const { session, from, sdp } = request.args;
      return running().renewWithOffer(session, from, sdp);
    }
    case 'statistics':
      return running().statistics(request.args.session);
    case 'close':
      return running().close(request.args.session);
    case 'counts':
      return running().counts();
  }
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
  endLibrary();
  process.exit(0);
});

// The terminal signals the whole group; the gateway decides when calls end, and then disconnects.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

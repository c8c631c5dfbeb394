import { IceServers } from './ice-servers.js';
import { checkMicrophone } from './pre-call-microphone.js';
import { gatherWays, tryCall, type CallTrial, type Ways } from './pre-call-paths.js';
import type {
  CheckContext,
  CheckVerdict,
  PreCallOptions,
  PreCallReport,
} from './pre-call-types.js';
import { checkWebSocket } from './pre-call-websocket.js';
import { browserTimers } from './timers.js';

const PATIENCE_MS = 8_000;

/**
 * Finds out whether calls will work: microphone, WebSocket, UDP, the need of a TURN server. What does not work is in the report.
 * @throws what the signal was aborted with
 */
export async function checkCalling(options: PreCallOptions): Promise<PreCallReport> {
  const context: CheckContext = {
    timers: options.timers ?? browserTimers,
    patienceMs: options.patienceMs ?? PATIENCE_MS,
    signal: options.signal ?? new AbortController().signal,
  };
  // The microphone first and alone: the browser's question takes its time, and the test call needs the answer.
  const microphone = await checkMicrophone(options.microphone ?? {}, context);
  context.signal.throwIfAborted();
  const servers = await new IceServers(options.iceServers ?? [], context.timers).current();
  const [webSocket, ways, trial] = await Promise.all([
    checkWebSocket(options.server, context),
    gatherWays(servers, context),
    microphone.verdict === 'bad' ? undefined : tryCall(options, context),
  ]);
  context.signal.throwIfAborted();
  const paths = judgePaths(ways, trial);
  const parts = { microphone, webSocket, udp: paths.udp, turn: paths.turn };
  return {
    verdict: worst(Object.values(parts).map(({ verdict }) => verdict)),
    ...parts,
    ...(trial?.failure === undefined ? {} : { testCall: trial.failure }),
  };
}

/** What the candidates and the test call say about UDP and TURN. Pure. */
export function judgePaths(
  ways: Ways,
  trial: CallTrial | undefined,
): Pick<PreCallReport, 'udp' | 'turn'> {
  const roundTrip = trial?.roundTripMs === undefined ? {} : { roundTripMs: trial.roundTripMs };
  switch (trial?.path) {
    case 'direct':
      return {
        udp: { verdict: 'good', finding: 'direct', ...roundTrip },
        turn: { verdict: 'good', finding: 'not-needed' },
      };
    case 'relayed':
      return {
        udp: { verdict: 'limited', finding: 'relayed', ...roundTrip },
        turn: { verdict: 'good', finding: 'used' },
      };
    case 'none':
      return { udp: { verdict: 'bad', finding: 'blocked' }, turn: missingTurn(ways) };
    case undefined:
      return { udp: udpOf(ways), turn: turnOf(ways) };
  }
}

function udpOf(ways: Ways): PreCallReport['udp'] {
  if (ways.reflexive || ways.relay === 'udp') return { verdict: 'good', finding: 'leaves' };
  if (ways.relay === 'tcp') return { verdict: 'limited', finding: 'relayed' };
  if (ways.asked) return { verdict: 'bad', finding: 'blocked' };
  return { verdict: 'unknown', finding: 'untried' };
}

function turnOf({ turnAsked, relay }: Ways): PreCallReport['turn'] {
  if (!turnAsked) return { verdict: 'unknown', finding: 'none' };
  return relay === undefined
    ? { verdict: 'limited', finding: 'unreachable' }
    : { verdict: 'good', finding: 'available' };
}

/** Audio has no way: is it for want of a TURN server? */
function missingTurn({ turnAsked, relay }: Ways): PreCallReport['turn'] {
  if (relay !== undefined) return { verdict: 'good', finding: 'available' };
  return { verdict: 'bad', finding: turnAsked ? 'unreachable' : 'missing' };
}

/** Something unknown is no reason to worry as long as the rest is good. */
function worst(verdicts: CheckVerdict[]): CheckVerdict {
  for (const verdict of ['bad', 'limited', 'good'] as const)
    if (verdicts.includes(verdict)) return verdict;
  return 'unknown';
}

import type { Failure } from './failure.js';
import type { Call } from './phone-types.js';
import type { CheckContext, PreCallOptions } from './pre-call-types.js';
import { statisticsOf, type Stat, type Statistics } from './statistics.js';

/** What STUN and TURN servers say about the way out. */
export interface Ways {
  /** There were servers to ask, and TURN servers among them. */
  asked: boolean;
  turnAsked: boolean;
  /** A STUN server told our address. */
  reflexive: boolean;
  /** How a TURN server is reached, when one gave us an address. */
  relay: 'udp' | 'tcp' | undefined;
}

/** What a call to an echo says. */
export interface CallTrial {
  /** Undefined when the call ended before audio was tried. */
  path: 'direct' | 'relayed' | 'none' | undefined;
  roundTripMs?: number;
  failure?: Failure;
}

/** So many packets that came back are no accident. */
const ECHOED_PACKETS = 10;
const EVERY_MS = 200;
/** A number that echoes answers at once; one that rings is none. */
const RING_MS = 20_000;

/** Gathers candidates without a call. */
export async function gatherWays(
  iceServers: RTCIceServer[],
  { timers, patienceMs, signal }: CheckContext,
): Promise<Ways> {
  const urls = iceServers.flatMap((server) => server.urls);
  const turnAsked = urls.some((url) => /^turns?:/.test(url));
  const ways: Ways = { asked: urls.length > 0, turnAsked, reflexive: false, relay: undefined };
  if (!ways.asked) return ways;
  const connection = new RTCPeerConnection({ iceServers });
  try {
    const gathered = new Promise<void>((resolve) => {
      connection.addEventListener('icecandidate', ({ candidate }) => {
        if (candidate === null) resolve();
        else add(candidate, ways);
      });
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
    connection.addTransceiver('audio');
    await connection.setLocalDescription();
    let cancel: () => void = () => undefined;
    const patience = new Promise<void>((resolve) => (cancel = timers.after(patienceMs, resolve)));
    await Promise.race([gathered, patience]);
    cancel();
  } finally {
    connection.close();
  }
  return ways;
}

function add(candidate: RTCIceCandidate, ways: Ways): void {
  if (candidate.type === 'srflx') ways.reflexive = true;
  if (candidate.type !== 'relay') return;
  // Chromium tells the protocol towards the server; browsers that do not are taken at their best.
  const { relayProtocol } = candidate as { relayProtocol?: string | null };
  const udp = (relayProtocol ?? 'udp') === 'udp';
  if (udp || ways.relay === undefined) ways.relay = udp ? 'udp' : 'tcp';
}

/** Calls the number for tests and waits for audio that comes back. Undefined when it cannot be called. */
export async function tryCall(
  { phone, testNumber }: PreCallOptions,
  context: CheckContext,
): Promise<CallTrial | undefined> {
  if (phone?.registration.name !== 'registered' || testNumber === undefined) return undefined;
  if (phone.calls.length > 0) return undefined;
  const call = phone.call(testNumber, { quiet: true });
  const over = ended(call, context.signal);
  let cancel: () => void = () => undefined;
  const unanswered = new Promise<CallTrial>((resolve) => {
    cancel = context.timers.after(RING_MS + context.patienceMs, () => {
      resolve({ path: undefined });
    });
  });
  const trial = await Promise.race([over, echoed(call, context), unanswered]);
  cancel();
  call.hangUp();
  await over;
  return trial;
}

/** Resolves with the end of the call, also after an abort, which ends it. */
function ended(call: Call, signal: AbortSignal): Promise<CallTrial> {
  return new Promise((resolve) => {
    const abort = (): void => {
      call.hangUp();
    };
    signal.addEventListener('abort', abort);
    call.on('state', (state) => {
      if (state.name !== 'ended') return;
      signal.removeEventListener('abort', abort);
      const { failure } = state.end;
      const noWay = failure?.kind === 'media-lost';
      resolve({
        path: noWay ? 'none' : undefined,
        ...(failure === undefined || noWay ? {} : { failure }),
      });
    });
    if (signal.aborted) abort();
  });
}

/** Asks the statistics again and again until packets came back, or the time is over that they have since the answer. */
async function echoed(call: Call, { timers, patienceMs }: CheckContext): Promise<CallTrial> {
  await new Promise<void>((resolve) => {
    call.on('state', ({ name }) => {
      if (name === 'in-call') resolve();
    });
  });
  const until = timers.now() + patienceMs;
  while (timers.now() < until && call.state.name === 'in-call') {
    await new Promise<void>((resolve) => timers.after(EVERY_MS, resolve));
    const way = await pathOf(call.peerConnection);
    if (way !== undefined) return way;
  }
  return { path: 'none' };
}

/** The way that audio takes, once it has come back over it. */
async function pathOf(connection: RTCPeerConnection | undefined): Promise<CallTrial | undefined> {
  const report = await connection?.getStats().catch(() => undefined);
  if (report === undefined) return undefined;
  const stats = statisticsOf(report);
  const inbound = [...stats.values()].find(({ type }) => type === 'inbound-rtp');
  const received = inbound?.['packetsReceived'];
  if (typeof received !== 'number' || received < ECHOED_PACKETS) return undefined;
  const pair = chosenPair(stats);
  const local = stats.get(String(pair?.['localCandidateId']));
  const roundTrip = pair?.['currentRoundTripTime'];
  return {
    path: local?.['candidateType'] === 'relay' ? 'relayed' : 'direct',
    ...(typeof roundTrip === 'number' ? { roundTripMs: Math.round(roundTrip * 1000) } : {}),
  };
}

/** The candidate pair in use. Firefox has no statistics of the transport, but marks the pair. */
function chosenPair(stats: Statistics): Stat | undefined {
  const all = [...stats.values()];
  const chosen = all.find(({ type }) => type === 'transport')?.['selectedCandidatePairId'];
  if (typeof chosen === 'string') return stats.get(chosen);
  return all.find((stat) => stat['type'] === 'candidate-pair' && stat['nominated'] === true);
}

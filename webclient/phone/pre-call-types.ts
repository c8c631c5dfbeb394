import type { Failure } from './failure.js';
import type { IceServerSource } from './ice-servers.js';
import type { Phone } from './phone-types.js';
import type { Timers } from './timers.js';

/** `good`: calls work. `limited`: they work, but something may fail or sounds worse. `bad`: they do not. */
export type CheckVerdict = 'good' | 'limited' | 'bad' | 'unknown';

/** One light: what was found decides its colour, and a page translates by it. */
export interface Check<Finding extends string> {
  verdict: CheckVerdict;
  finding: Finding;
}

/** `silent`: it is open, but nothing comes from it; it may be muted by a switch. */
export type MicrophoneFinding = 'works' | 'silent' | 'failed';
/** `closed`: a proxy or a firewall, or the server does not know this page's origin. */
export type WebSocketFinding = 'open' | 'closed';
/**
 * `direct`: audio went to the server and back over UDP. `relayed`: over a TURN server. `leaves`: UDP reaches the internet, the way to the
 * server was not tried. `blocked`: there is no way. `untried`: there was nothing to try it with.
 */
export type UdpFinding = 'direct' | 'relayed' | 'leaves' | 'blocked' | 'untried';
/**
 * `not-needed`: audio goes directly. `available`, `unreachable`: whether the TURN server answers, where the direct way was not tried.
 * `used`: audio needs it and has it. `missing`: audio needs it, and there is none that answers. `none`: there is none, and no need is known.
 */
export type TurnFinding = 'not-needed' | 'available' | 'unreachable' | 'used' | 'missing' | 'none';

/** Whether calls will work here, part by part. */
export interface PreCallReport {
  /** The worst of the parts. */
  verdict: CheckVerdict;
  microphone: Check<MicrophoneFinding> & { label: string; failure?: Failure };
  webSocket: Check<WebSocketFinding> & { openedMs?: number };
  udp: Check<UdpFinding> & { roundTripMs?: number };
  turn: Check<TurnFinding>;
  /** Why the test call ended before there was audio, when it did for a reason of the server or the phone network. */
  testCall?: Failure;
}

/** What the parts of the check share. */
export interface CheckContext {
  timers: Timers;
  patienceMs: number;
  signal: AbortSignal;
}

export interface PreCallOptions {
  /** SIP over WebSocket, as of the phone. */
  server: string;
  iceServers?: RTCIceServer[] | IceServerSource;
  microphone?: MediaTrackConstraints;
  /**
   * A phone that is registered, and a number that answers and echoes: a call of some seconds, without a `call` event, finds out whether
   * audio has a way. Left out, or with a call active: only what can be said without a call.
   */
  phone?: Phone | undefined;
  testNumber?: string | undefined;
  /** Each wait of the check at most, in ms. Default 8000. */
  patienceMs?: number;
  /** Ends the check; what it opened is closed. */
  signal?: AbortSignal;
  /** For tests. */
  timers?: Timers;
}

import type { CallState } from './call-state.js';
import type { DigitProgress } from './digit-queue.js';
import type { DigitTiming } from './digits.js';
import type { RelayedDigit } from './dtmf-relay.js';
import type { Failure } from './failure.js';
import type { Timers } from './timers.js';

export interface PhoneOptions {
  /** SIP over WebSocket (RFC 7118): `wss://gateway.example/sip`. */
  server: string;
  /** User part of the address of record, and the digest user name. */
  user: string;
  /** Not needed with a token. */
  password?: string;
  /**
   * One-call token of a Copperline gateway, instead of a password: it opens one WebSocket, once, for one call. Nothing is registered, and
   * a connection that is lost does not come back.
   */
  token?: string;
  /** Domain part of the address of record; also where dialled numbers are sent. */
  domain: string;
  /** Shown to the people who are called, where the network carries it. */
  displayName?: string;
  /** STUN and TURN servers; not needed when the gateway is reachable directly. */
  iceServers?: RTCIceServer[];
  /** Codecs to offer, in order: `['opus', 'pcmu']`. Default: what the browser offers. */
  codecs?: readonly string[];
  /** Default 100 ms tone, 70 ms gap. */
  digitTiming?: DigitTiming;
  /** How long an offer may wait for ICE candidates, in ms. Default 0: a gateway learns the browser by its checks. */
  iceGatheringMs?: number;
  /** Registration lifetime to ask for, in seconds. Default 300. */
  registrationSeconds?: number;
  /** Constraints for getUserMedia. Default: the browser's own audio processing. */
  microphone?: MediaTrackConstraints;
  /** For tests. */
  timers?: Timers;
}

/** The WebSocket. After a failure it is opened again by itself at `retryAt` (ms since the Unix epoch). */
export type ConnectionState =
  | { name: 'disconnected' }
  | { name: 'connecting' }
  | { name: 'connected' }
  | { name: 'waiting'; retryAt: number; failure: Failure };

export type RegistrationState =
  | { name: 'unregistered' }
  | { name: 'registering' }
  | { name: 'registered' }
  /** Refused; `final` when asking again with the same password makes no sense. */
  | { name: 'refused'; failure: Failure; final: boolean };

export interface PhoneEvents {
  connection: ConnectionState;
  registration: RegistrationState;
  /** A call began; its own events tell the rest. */
  call: Call;
}

export interface CallEvents {
  state: CallState;
  /** The audio of the other side: once per call, with early media or the answer. */
  'remote-audio': MediaStream;
  muted: boolean;
  /** A digit of ours was pressed, leaves the browser, is sent. */
  digit: DigitProgress;
  /** The other side sent a digit by SIP INFO. */
  'incoming-digit': RelayedDigit;
}

export interface Call {
  /** As it was dialled. */
  readonly number: string;
  readonly state: CallState;
  readonly muted: boolean;
  readonly remoteAudio: MediaStream | undefined;
  /** For statistics and diagnostics; undefined before the offer and after the end. */
  readonly peerConnection: RTCPeerConnection | undefined;
  /** Ends the call whatever its state; does nothing when it is over. */
  hangUp(): void;
  setMuted(muted: boolean): void;
  /** Queues `0-9 * # A-D`; other characters are left out. Sent as soon as there is audio. */
  sendDigits(digits: string): void;
  on<Type extends keyof CallEvents>(
    type: Type,
    listener: (detail: CallEvents[Type]) => void,
    signal?: AbortSignal,
  ): () => void;
}

export interface Phone {
  readonly connection: ConnectionState;
  readonly registration: RegistrationState;
  /** The call that is not over yet. */
  readonly activeCall: Call | undefined;
  /** Connects, registers, and keeps both up until disconnect(). */
  connect(): void;
  /** Places a call. Throws when one is active; every later failure is the call's end. */
  call(number: string): Call;
  /** Hangs up, unregisters and closes; what can be said synchronously is, so it suits `pagehide`. */
  disconnect(): void;
  on<Type extends keyof PhoneEvents>(
    type: Type,
    listener: (detail: PhoneEvents[Type]) => void,
    signal?: AbortSignal,
  ): () => void;
}

import type { CallState } from './call-state.js';
import type { DigitProgress } from './digit-queue.js';
import type { DigitTiming } from './digits.js';
import type { RelayedDigit } from './dtmf-relay.js';
import type { Failure } from './failure.js';
import type { IceServerSource } from './ice-servers.js';
import type { MicrophoneChange } from './microphone-keeper.js';
import type { CallQuality } from './quality.js';
import type { RemoteParty } from './remote-party.js';
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
  /**
   * STUN and TURN servers, or where to fetch them before calls and again before they expire (`gatewayIceServers`). Not needed when the
   * gateway is reachable directly.
   */
  iceServers?: RTCIceServer[] | IceServerSource;
  /** `relay`: never a direct path, for tests and for people who hide their address. Default `all`. */
  iceTransportPolicy?: RTCIceTransportPolicy;
  /** Codecs to offer, in order: `['opus', 'pcmu']`. Default: what the browser offers. */
  codecs?: readonly string[];
  /** Default 100 ms tone, 70 ms gap. */
  digitTiming?: DigitTiming;
  /** How long an offer may wait for ICE candidates, in ms. Default 0: a gateway learns the browser by its checks. */
  iceGatheringMs?: number;
  /** Registration lifetime to ask for, in seconds. Default 300. */
  registrationSeconds?: number;
  /** How many calls may be active at once. Default 1; more calls in are refused as busy. */
  maxCalls?: number;
  /**
   * UUID for `+sip.instance` (RFC 5626), by which a server finds a page that was loaded again. Default: one of this tab, kept in
   * sessionStorage.
   */
  instanceId?: string;
  /** Constraints for getUserMedia. Default: the browser's own audio processing. */
  microphone?: MediaTrackConstraints;
  /** How long the browser's question for the microphone may stand before a call is given up, in ms. Default 60 000. */
  microphonePatienceMs?: number;
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
  /** We called, or a call goes on in this page after it was loaded again; its own events tell the rest. */
  call: Call;
  /** Somebody calls. While nobody listens to this, callers are told that we are busy. */
  incoming: Call;
}

export interface CallEvents {
  state: CallState;
  /** The audio of the other side: once per call, with early media or the answer. */
  'remote-audio': MediaStream;
  muted: boolean;
  /** The other side was put on hold by us, or taken back. */
  held: boolean;
  /** The other side put us on hold, or took us back. */
  'remote-held': boolean;
  /** The microphone was unplugged in the call. */
  microphone: MicrophoneChange;
  /** Every 2 s while the call is answered. */
  quality: CallQuality;
  /** A digit of ours was pressed, leaves the browser, is sent. */
  digit: DigitProgress;
  /** The other side tells which digits of ours it heard, in their order (`application/vnd.copperline.dtmf-report+json`). */
  'confirmed-digits': string;
  /** The other side sent a digit by SIP INFO. */
  'incoming-digit': RelayedDigit;
}

export interface Call {
  readonly direction: 'outgoing' | 'incoming';
  readonly remote: RemoteParty;
  /** Of the other side: as it was dialled, or the caller's; empty when the caller withholds it. */
  readonly number: string;
  readonly state: CallState;
  readonly muted: boolean;
  /** We put the other side on hold. */
  readonly held: boolean;
  /** The other side put us on hold. */
  readonly remoteHeld: boolean;
  readonly remoteAudio: MediaStream | undefined;
  /** For statistics and diagnostics; undefined before the offer and after the end. */
  readonly peerConnection: RTCPeerConnection | undefined;
  /** Takes a call that came in. Does nothing in any other state. */
  answer(): void;
  /** Refuses a call that came in (603); ends any other. */
  reject(): void;
  /** Ends the call whatever its state; does nothing when it is over. */
  hangUp(): void;
  setMuted(muted: boolean): void;
  /** Queues `0-9 * # A-D`, with pauses (`,` 2 s, `w` 1 s); other characters are left out. Sent as soon as there is audio. */
  sendDigits(digits: string): void;
  /**
   * Puts the other side on hold (RFC 3264 section 8.4), or takes it back.
   * @throws PhoneError when it refuses; nothing has changed then
   */
  setHeld(held: boolean): Promise<void>;
  /**
   * Blind transfer (RFC 3515): the other side talks to `number` from now on, and this call ends.
   * @throws PhoneError when it fails; this call goes on then
   */
  transfer(number: string): Promise<void>;
  /**
   * Attended transfer (RFC 3891): the other sides of this call and of `other` talk to each other, and both calls end here.
   * @throws PhoneError when it fails; both calls go on then
   */
  transferTo(other: Call): Promise<void>;
  /**
   * Speaks through another microphone from now on.
   * @throws PhoneError when it cannot be opened; the old one goes on then
   */
  useMicrophone(constraints: MediaTrackConstraints): Promise<void>;
  on<Type extends keyof CallEvents>(
    type: Type,
    listener: (detail: CallEvents[Type]) => void,
    signal?: AbortSignal,
  ): () => void;
}

export interface Phone {
  readonly connection: ConnectionState;
  readonly registration: RegistrationState;
  /** The newest call that is not over yet. */
  readonly activeCall: Call | undefined;
  /** All calls that are not over yet, the oldest first. */
  readonly calls: readonly Call[];
  /** Connects, registers, and keeps both up until disconnect(). */
  connect(): void;
  /**
   * Places a call. What follows a pause (`+4930123,,1234#`) is dialled after the answer. Throws when as many calls as allowed are
   * active; every later failure is the call's end.
   * @param options `quiet`: without a `call` event, for whoever places it alone
   */
  call(number: string, options?: { quiet?: boolean }): Call;
  /** The microphone for this and further calls. @throws PhoneError when a running call cannot open it */
  useMicrophone(constraints: MediaTrackConstraints): Promise<void>;
  /** Closes the connection but no call: the page is being loaded again and will take them up. */
  suspend(): void;
  /** Hangs up, unregisters and closes; what can be said synchronously is, so it suits `pagehide`. */
  disconnect(): void;
  on<Type extends keyof PhoneEvents>(
    type: Type,
    listener: (detail: PhoneEvents[Type]) => void,
    signal?: AbortSignal,
  ): () => void;
}

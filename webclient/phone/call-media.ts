import type { Session } from 'sip.js';
import { takesTelephoneEvents } from './codec-preferences.js';
import type { DigitSender } from './digits.js';
import { InfoDigitSender } from './info-digit-sender.js';
import type { MediaSession } from './media-session.js';
import { openMicrophone } from './microphone.js';
import { MicrophoneKeeper, type MicrophoneChange } from './microphone-keeper.js';
import { RtpDigitSender } from './rtp-digit-sender.js';
import type { Timers } from './timers.js';

export interface CallMediaEvents {
  onRemoteAudio: (stream: MediaStream) => void;
  /** ICE and DTLS are done: from now on what is sent arrives. */
  onConnected: () => void;
  /** True when the server can be asked for another path. */
  canRestart: () => boolean;
  /** The path is broken: whether the server still hears us is to be found out, then checkPath() is to be called. */
  onBroken: () => void;
  /** Asks for another path: an ICE restart. */
  restart: () => void;
  /** The microphone was unplugged. */
  onMicrophone: (change: MicrophoneChange) => void;
  /** The audio path broke and did not come back. */
  onLost: () => void;
  timers: Timers;
}

/** ICE calls a path `disconnected` after a few lost checks, and it often comes back by itself. */
const RESTART_AFTER_MS = 2000;
/** What a WebSocket needs to come back on another network, and a little more. */
const LOST_AFTER_MS = 30_000;

/** The audio of one call: what is heard, what is muted, and what carries digits. */
export class CallMedia {
  readonly #events: CallMediaEvents;
  #session: MediaSession | undefined;
  #remoteAudio: MediaStream | undefined;
  #muted = false;
  #paused = false;
  #connectedOnce = false;
  readonly #keeper: MicrophoneKeeper;
  #cancelRestart: (() => void) | undefined;
  #cancelLost: (() => void) | undefined;

  constructor(events: CallMediaEvents) {
    this.#events = events;
    this.#keeper = new MicrophoneKeeper({
      track: () => this.#audioSender?.track,
      replace: () => this.useMicrophone({}),
      onChange: events.onMicrophone,
    });
  }

  get peerConnection(): RTCPeerConnection | undefined {
    return this.#session?.peerConnection;
  }

  get remoteAudio(): MediaStream | undefined {
    return this.#remoteAudio;
  }

  get muted(): boolean {
    return this.#muted;
  }

  /** The call's peer connection exists from now on. */
  use(session: MediaSession): void {
    this.#session = session;
    session.peerConnectionDelegate = {
      // sip.js types the event as a plain one; the platform sends an RTCTrackEvent.
      ontrack: (plain) => {
        const event = plain as RTCTrackEvent;
        if (event.track.kind !== 'audio' || this.#remoteAudio !== undefined) return;
        this.#remoteAudio = new MediaStream([event.track]);
        this.#events.onRemoteAudio(this.#remoteAudio);
      },
      onconnectionstatechange: () => {
        this.#pathChanged(session.peerConnection?.connectionState);
      },
    };
  }

  /** The call is over. */
  close(): void {
    this.#keeper.close();
    this.#cancelTimers();
  }

  /** Asks for another path when the one that we have is broken. */
  checkPath(): void {
    const state = this.peerConnection?.connectionState;
    if (state !== 'disconnected' && state !== 'failed') return;
    this.#cancelRestart?.();
    if (this.#events.canRestart()) this.#events.restart();
  }

  /** While the other side is on hold nobody listens; silence is sent. */
  setPaused(paused: boolean): void {
    this.#paused = paused;
    this.#applyMute();
  }

  /** Speaks through another microphone from now on. @throws PhoneError when it cannot be opened; the old one goes on then. */
  async useMicrophone(constraints: MediaTrackConstraints): Promise<void> {
    const sender = this.#audioSender;
    if (sender === undefined) return;
    const stream = await openMicrophone(constraints);
    const [track] = stream.getAudioTracks();
    const old = sender.track;
    if (track === undefined || this.peerConnection === undefined) {
      for (const opened of stream.getTracks()) opened.stop();
      return;
    }
    await sender.replaceTrack(track);
    old?.stop();
    this.#applyMute();
    this.#keeper.watch();
  }

  get #audioSender(): RTCRtpSender | undefined {
    return this.peerConnection?.getSenders().find(({ track }) => track?.kind === 'audio');
  }

  #pathChanged(state: RTCPeerConnectionState | undefined): void {
    const { timers, onConnected, onBroken, onLost } = this.#events;
    if (state === 'connected') {
      this.#cancelTimers();
      this.#connectedOnce = true;
      this.#applyMute();
      this.#keeper.watch();
      onConnected();
    }
    if (state !== 'disconnected' && state !== 'failed') return;
    // Audio that never flowed will not by trying again: the offer or the network is to blame.
    if (!this.#connectedOnce) {
      if (state === 'failed') onLost();
      return;
    }
    this.#cancelLost ??= timers.after(LOST_AFTER_MS, onLost);
    this.#cancelRestart?.();
    this.#cancelRestart = timers.after(state === 'failed' ? 0 : RESTART_AFTER_MS, onBroken);
  }

  #cancelTimers(): void {
    this.#cancelRestart?.();
    this.#cancelLost?.();
    this.#cancelRestart = undefined;
    this.#cancelLost = undefined;
  }

  setMuted(muted: boolean): void {
    this.#muted = muted;
    this.#applyMute();
  }

  /** True when RTP can carry digits, which needs no answered call. */
  get takesTelephoneEvents(): boolean {
    return takesTelephoneEvents(this.peerConnection?.remoteDescription?.sdp ?? '');
  }

  get connected(): boolean {
    return this.peerConnection?.connectionState === 'connected';
  }

  /**
   * What carries the next digit: telephone-events when the far end takes them, else SIP INFO once the call is
   * answered. Never both, or an IVR hears each digit twice. Undefined while nothing can.
   */
  digitSender(signalling: Session, timers: Timers): DigitSender | undefined {
    const connection = this.peerConnection;
    if (connection === undefined) return undefined;
    if (!this.takesTelephoneEvents) return new InfoDigitSender(signalling, timers);
    const tones = this.#audioSender?.dtmf;
    return tones === null || tones === undefined ? undefined : new RtpDigitSender(tones, timers);
  }

  /** A disabled track sends silence, so the far end's jitter buffer and timeouts see a living stream. */
  #applyMute(): void {
    for (const sender of this.peerConnection?.getSenders() ?? []) {
      if (sender.track !== null) sender.track.enabled = !this.#muted && !this.#paused;
    }
  }
}

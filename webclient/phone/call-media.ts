import type { Session } from 'sip.js';
import { takesTelephoneEvents } from './codec-preferences.js';
import type { DigitSender } from './digits.js';
import { InfoDigitSender } from './info-digit-sender.js';
import type { MediaSession } from './media-session.js';
import { RtpDigitSender } from './rtp-digit-sender.js';
import type { Timers } from './timers.js';

export interface CallMediaEvents {
  onRemoteAudio: (stream: MediaStream) => void;
  /** ICE and DTLS are done: from now on what is sent arrives. */
  onConnected: () => void;
  /** The audio path broke and did not come back. */
  onLost: () => void;
}

/** The audio of one call: what is heard, what is muted, and what carries digits. */
export class CallMedia {
  readonly #events: CallMediaEvents;
  #session: MediaSession | undefined;
  #remoteAudio: MediaStream | undefined;
  #muted = false;

  constructor(events: CallMediaEvents) {
    this.#events = events;
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
        const state = session.peerConnection?.connectionState;
        if (state === 'connected') {
          this.#applyMute();
          this.#events.onConnected();
        }
        if (state === 'failed') this.#events.onLost();
      },
    };
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
    const tones = connection.getSenders().find((sender) => sender.track?.kind === 'audio')?.dtmf;
    return tones === null || tones === undefined ? undefined : new RtpDigitSender(tones, timers);
  }

  /** A disabled track sends silence, so the far end's jitter buffer and timeouts see a living stream. */
  #applyMute(): void {
    for (const sender of this.peerConnection?.getSenders() ?? []) {
      if (sender.track !== null) sender.track.enabled = !this.#muted;
    }
  }
}

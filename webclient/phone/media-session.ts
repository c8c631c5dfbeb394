import { Web, type Core } from 'sip.js';
import { preferCodecs } from './codec-preferences.js';
import { failureOf, PhoneError } from './failure.js';
import type { IceServers } from './ice-servers.js';
import { openMicrophone, type Patience } from './microphone.js';

export interface MediaOptions {
  iceServers: IceServers;
  iceTransportPolicy: RTCIceTransportPolicy;
  codecs: readonly string[];
  iceGatheringMs: number;
  microphone: MediaTrackConstraints;
  /** For the browser's question. */
  patience: Patience;
}

/** sip.js's media handling with our rules for the offer: codec order, and no waiting for ICE candidates. */
export class MediaSession extends Web.SessionDescriptionHandler {
  readonly #options: MediaOptions;

  #iceServers: RTCIceServer[];

  constructor(logger: Core.Logger, options: MediaOptions) {
    const iceServers = options.iceServers.known;
    super(logger, (_constraints, handler) => openFor(handler, options), {
      peerConnectionConfiguration: {
        iceServers,
        iceTransportPolicy: options.iceTransportPolicy,
        bundlePolicy: 'max-bundle',
      },
    });
    this.#options = options;
    this.#iceServers = iceServers;
  }

  protected override async createLocalOfferOrAnswer(
    options?: Web.SessionDescriptionHandlerOptions,
  ): Promise<RTCSessionDescriptionInit> {
    await this.#useFreshServers();
    this.#applyCodecPreferences();
    if (this.peerConnection?.signalingState === 'stable') this.#offerBothWays(options);
    return super.createLocalOfferOrAnswer(options);
  }

  /**
   * Without a wait the call goes out at once and carries no candidates: the far end learns this browser's address
   * from its connectivity checks as a peer-reflexive candidate (RFC 8445 section 7.3.1.3).
   */
  protected override waitForIceGatheringComplete(restart?: boolean): Promise<void> {
    if (this.#options.iceGatheringMs <= 0) return Promise.resolve();
    return super.waitForIceGatheringComplete(restart, this.#options.iceGatheringMs);
  }

  /**
   * An offer says what we want, not what the other side allowed last: whoever was on hold and is asked for an offer, to be joined to
   * somebody else, wants to talk (RFC 6337 section 5.3). sip.js would offer to listen only.
   */
  #offerBothWays(options: Web.SessionDescriptionHandlerOptions | undefined): void {
    for (const transceiver of this.peerConnection?.getTransceivers() ?? [])
      if (transceiver.direction !== 'stopped')
        transceiver.direction = options?.hold === true ? 'sendonly' : 'sendrecv';
  }

  /** Before candidates are gathered, for the first time or by an ICE restart long after (W3C WebRTC section 4.4.1.5). */
  async #useFreshServers(): Promise<void> {
    const iceServers = await this.#options.iceServers.current();
    const connection = this.peerConnection;
    if (iceServers === this.#iceServers || connection === undefined) return;
    this.#iceServers = iceServers;
    connection.setConfiguration({ ...connection.getConfiguration(), iceServers });
  }

  #applyCodecPreferences(): void {
    const codecs = RTCRtpReceiver.getCapabilities('audio')?.codecs;
    if (this.#options.codecs.length === 0 || codecs === undefined) return;
    const preferred = preferCodecs(codecs, this.#options.codecs);
    if (preferred === undefined) return;
    for (const transceiver of this.peerConnection?.getTransceivers() ?? []) {
      transceiver.setCodecPreferences(preferred);
    }
  }
}

async function openFor(
  handler: { peerConnection?: RTCPeerConnection | undefined },
  options: MediaOptions,
): Promise<MediaStream> {
  const stream = await openMicrophone(options.microphone, options.patience);
  if (handler.peerConnection === undefined) {
    // Hung up while the browser was still asking for permission: the microphone must not stay open.
    for (const track of stream.getTracks()) track.stop();
    throw new PhoneError(failureOf('media-failed'));
  }
  return stream;
}

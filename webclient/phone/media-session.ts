import { Web, type Core } from 'sip.js';
import { preferCodecs } from './codec-preferences.js';
import { failureOf, PhoneError } from './failure.js';
import { openMicrophone } from './microphone.js';

export interface MediaOptions {
  iceServers: RTCIceServer[];
  codecs: readonly string[];
  iceGatheringMs: number;
  microphone: MediaTrackConstraints;
}

/** sip.js's media handling with our rules for the offer: codec order, and no waiting for ICE candidates. */
export class MediaSession extends Web.SessionDescriptionHandler {
  readonly #options: MediaOptions;

  constructor(logger: Core.Logger, options: MediaOptions) {
    super(logger, (_constraints, handler) => openFor(handler, options), {
      peerConnectionConfiguration: { iceServers: options.iceServers, bundlePolicy: 'max-bundle' },
    });
    this.#options = options;
  }

  protected override createLocalOfferOrAnswer(
    options?: Web.SessionDescriptionHandlerOptions,
  ): Promise<RTCSessionDescriptionInit> {
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
  const stream = await openMicrophone(options.microphone);
  if (handler.peerConnection === undefined) {
    // Hung up while the browser was still asking for permission: the microphone must not stay open.
    for (const track of stream.getTracks()) track.stop();
    throw new PhoneError(failureOf('media-failed'));
  }
  return stream;
}

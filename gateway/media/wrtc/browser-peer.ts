import { CopperlineError } from '../../kernel/errors.js';
import { NO_COUNTERS, readCounters, type PeerCounters } from './peer-counters.js';
import type {
  AudioSink,
  AudioSource,
  AudioTrack,
  PeerConnection,
  WebrtcLibrary,
} from './webrtc-wire.js';

export interface BrowserPeerOptions {
  library: WebrtcLibrary;
  /** UDP ports; undefined takes any. */
  ports: { min: number; max: number } | undefined;
  onConnected: () => void;
  onFailed: (error: CopperlineError) => void;
  /** 10 ms of what the browser says, decoded; valid during the call. */
  onSound: (samples: Int16Array, sampleRate: number) => void;
}

/** Who says hello in DTLS: the active one. */
export type DtlsPart = 'active' | 'passive';

const SETUP = /^(a=setup:)(active|passive)/m;

/** libwebrtc as the other end of a browser's audio. It checks no address that a browser names: candidates are kept from it. */
export class BrowserPeer {
  readonly #connection: PeerConnection;
  readonly #source: AudioSource;
  readonly #track: AudioTrack;
  readonly #options: BrowserPeerOptions;
  #sink: AudioSink | undefined;
  #connected = false;
  #closed = false;
  #counters: PeerCounters = NO_COUNTERS;
  #endGathering: (() => void) | undefined;

  constructor(options: BrowserPeerOptions) {
    this.#options = options;
    const { RTCPeerConnection, nonstandard } = options.library;
    const { ports } = options;
    this.#connection = new RTCPeerConnection({
      iceServers: [],
      ...(ports === undefined ? {} : { portRange: ports }),
    });
    this.#source = new nonstandard.RTCAudioSource();
    this.#track = this.#source.createTrack();
    this.#connection.addTrack(this.#track);
    this.#connection.ontrack = ({ track }) => {
      this.#listen(track);
    };
    this.#connection.onconnectionstatechange = () => {
      this.#onState();
    };
  }

  get connected(): boolean {
    return this.#connected && !this.#closed;
  }

  /**
   * Takes a browser's offer; libwebrtc's answer with its candidates. An offer of ours that was never answered is taken back.
   * @param setup our part in DTLS, where the offer leaves the choice (RFC 8842 section 5.3)
   * @throws CopperlineError CL_MEDIA_TRANSPORT_FAILED
   */
  answer(offer: string, setup: DtlsPart): Promise<string> {
    return this.#negotiate(async (connection) => {
      if (connection.signalingState === 'have-local-offer')
        await connection.setLocalDescription({ type: 'rollback' });
      await connection.setRemoteDescription({ type: 'offer', sdp: offer });
      const { type, sdp } = await connection.createAnswer();
      const chosen = offer.includes('a=setup:actpass') ? sdp.replace(SETUP, `$1${setup}`) : sdp;
      await connection.setLocalDescription({ type, sdp: chosen });
    });
  }

  /** An offer of ours has not been answered. */
  get awaitsAnswer(): boolean {
    return !this.#closed && this.#connection.signalingState === 'have-local-offer';
  }

  /** libwebrtc's offer with its candidates. @throws CopperlineError CL_MEDIA_TRANSPORT_FAILED */
  offer(): Promise<string> {
    return this.#negotiate(async (connection) => {
      await connection.setLocalDescription(await connection.createOffer());
    });
  }

  /** @throws CopperlineError CL_MEDIA_TRANSPORT_FAILED */
  async takeAnswer(answer: string): Promise<void> {
    await this.#negotiate((connection) =>
      connection.setRemoteDescription({ type: 'answer', sdp: answer }),
    );
  }

  /** 10 ms for the browser. */
  say(samples: Int16Array, sampleRate: number): void {
    if (this.#closed) return;
    const numberOfFrames = samples.length;
    this.#source.onData({
      samples,
      sampleRate,
      bitsPerSample: 16,
      channelCount: 1,
      numberOfFrames,
    });
  }

  /** The last ones once it is closed. Never rejects. */
  async counters(): Promise<PeerCounters> {
    if (this.#closed) return this.#counters;
    try {
      this.#counters = readCounters(await this.#connection.getStats(), this.#counters);
    } catch {
      // Closed meanwhile.
    }
    return this.#counters;
  }

  /** Idempotent; nothing is handed up afterwards. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#dropSink();
    this.#connection.ontrack = null;
    this.#connection.onconnectionstatechange = null;
    this.#connection.onicegatheringstatechange = null;
    this.#endGathering?.();
    this.#track.stop();
    this.#connection.close();
  }

  async #negotiate(steps: (connection: PeerConnection) => Promise<void>): Promise<string> {
    const connection = this.#connection;
    try {
      await steps(connection);
      await this.#gathered();
    } catch (error) {
      throw new CopperlineError('CL_MEDIA_TRANSPORT_FAILED', {
        sentence: 'The WebRTC library did not accept the description of the browser.',
        cause: error,
      });
    }
    return connection.localDescription?.sdp ?? '';
  }

  #gathered(): Promise<void> {
    const connection = this.#connection;
    if (connection.iceGatheringState === 'complete') return Promise.resolve();
    return new Promise((resolve) => {
      this.#endGathering = resolve;
      connection.onicegatheringstatechange = () => {
        if (connection.iceGatheringState === 'complete') resolve();
      };
    });
  }

  #listen(track: AudioTrack): void {
    this.#dropSink();
    const sink = new this.#options.library.nonstandard.RTCAudioSink(track);
    sink.ondata = ({ samples, sampleRate, channelCount }) => {
      if (this.#closed) return;
      this.#options.onSound(
        channelCount === 1 ? samples : leftOf(samples, channelCount),
        sampleRate,
      );
    };
    this.#sink = sink;
  }

  #dropSink(): void {
    if (this.#sink === undefined) return;
    this.#sink.ondata = null;
    this.#sink.stop();
    this.#sink = undefined;
  }

  #onState(): void {
    if (this.#closed) return;
    const { connectionState } = this.#connection;
    if (connectionState === 'connected' && !this.#connected) {
      this.#connected = true;
      this.#options.onConnected();
    }
    if (connectionState !== 'failed') return;
    const sentence = this.#connected
      ? 'The connection to the browser was lost (ICE found no path any more).'
      : 'No connection to the browser came about (ICE or DTLS failed).';
    this.#options.onFailed(new CopperlineError('CL_MEDIA_TRANSPORT_FAILED', { sentence }));
  }
}

/** libwebrtc plays Opus of one channel twice. */
function leftOf(samples: Int16Array, channels: number): Int16Array {
  return Int16Array.from(
    { length: samples.length / channels },
    (_, index) => samples[index * channels] ?? 0,
  );
}

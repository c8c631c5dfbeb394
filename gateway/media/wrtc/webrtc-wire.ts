/** What we use of @roamhq/wrtc, whose own types are those of a browser's DOM. */
export interface AudioTrack {
  stop(): void;
}

/** 10 ms of samples. */
interface SinkData {
  samples: Int16Array;
  sampleRate: number;
  channelCount: number;
}

export interface AudioSink {
  ondata: ((data: SinkData) => void) | null;
  stop(): void;
}

export interface AudioSource {
  createTrack(): AudioTrack;
  onData(data: {
    samples: Int16Array;
    sampleRate: number;
    bitsPerSample: number;
    channelCount: number;
    numberOfFrames: number;
  }): void;
}

type SessionText = { type: 'offer' | 'answer'; sdp: string } | { type: 'rollback' };

export interface PeerConnection {
  readonly connectionState: string;
  readonly signalingState: string;
  readonly iceGatheringState: string;
  readonly localDescription: { sdp: string } | null;
  onconnectionstatechange: (() => void) | null;
  onicegatheringstatechange: (() => void) | null;
  ontrack: ((event: { track: AudioTrack }) => void) | null;
  addTrack(track: AudioTrack): unknown;
  createOffer(): Promise<{ type: 'offer'; sdp: string }>;
  createAnswer(): Promise<{ type: 'answer'; sdp: string }>;
  setLocalDescription(text: SessionText): Promise<void>;
  setRemoteDescription(text: SessionText): Promise<void>;
  getStats(): Promise<Map<string, Record<string, unknown>>>;
  close(): void;
}

export interface WebrtcLibrary {
  RTCPeerConnection: new (configuration: {
    iceServers: [];
    portRange?: { min: number; max: number };
  }) => PeerConnection;
  nonstandard: {
    RTCAudioSource: new () => AudioSource;
    RTCAudioSink: new (track: AudioTrack) => AudioSink;
  };
}

/** Loads the native code: in a worker that needs it and nowhere else. */
export async function loadWebrtc(): Promise<WebrtcLibrary> {
  const loaded = (await import('@roamhq/wrtc')) as unknown as { default: WebrtcLibrary };
  return loaded.default;
}

import type { Phone } from '../phone/phone-types.js';
import type { SoftphoneModel } from './softphone-model.js';

/** `window.copperline`: what tests and support people may look at. It changes nothing. */
interface Diagnostics {
  readonly phone: Phone | undefined;
  /** Loudness of the other side, 0 to 1. */
  readonly remoteLevel: number;
  /** Connection of the current or last call. */
  peerConnection(): RTCPeerConnection | undefined;
  /** What the other side sends, for an AnalyserNode. */
  remoteAudio(): MediaStream | undefined;
}

declare global {
  interface Window {
    readonly copperline: Diagnostics;
  }
}

export function exposeDiagnostics(model: SoftphoneModel): void {
  const diagnostics: Diagnostics = Object.freeze({
    get phone() {
      return model.phone;
    },
    get remoteLevel() {
      return model.remoteLevel;
    },
    peerConnection: () => model.call?.peerConnection,
    remoteAudio: () => model.call?.remoteAudio,
  });
  Object.defineProperty(window, 'copperline', { value: diagnostics });
}

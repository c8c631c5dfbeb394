import type { PeerDescription } from '../sdp/peer-description.js';
import { BrowserPeer, type BrowserPeerOptions, type DtlsPart } from './browser-peer.js';

type WayOptions = Pick<BrowserPeerOptions, 'library' | 'ports'> & {
  onConnected: (way: BrowserWay) => void;
  onFailed: (way: BrowserWay, error: Parameters<BrowserPeerOptions['onFailed']>[0]) => void;
  onSound: (way: BrowserWay, samples: Int16Array, sampleRate: number) => void;
};

/** A connection with a browser, and what the browser said of its end of it. */
export class BrowserWay {
  readonly peer: BrowserPeer;
  /** The last SDP of the browser: its m= lines are answered and offered in their order. */
  remote: PeerDescription | undefined;

  constructor({ library, ports, onConnected, onFailed, onSound }: WayOptions) {
    this.peer = new BrowserPeer({
      ...{ library, ports },
      onConnected: () => {
        onConnected(this);
      },
      onFailed: (error) => {
        onFailed(this, error);
      },
      onSound: (samples, sampleRate) => {
        onSound(this, samples, sampleRate);
      },
    });
  }

  /** Whether an SDP is of the end that is known: another one is another browser, or an ICE restart (RFC 8839 section 4.4.3.1). */
  leadsTo(described: PeerDescription): boolean {
    return this.remote !== undefined && endOf(this.remote) === endOf(described);
  }

  /** Our part in DTLS, when a browser's answer has settled it. */
  static partTowards({ dtls }: PeerDescription): DtlsPart {
    return dtls?.setup === 'active' ? 'passive' : 'active';
  }
}

function endOf({ ice, dtls }: PeerDescription): string {
  return `${ice?.ufrag ?? ''} ${ice?.pwd ?? ''} ${dtls?.fingerprint ?? ''}`;
}

import type { RtpPipe } from '../rtp/rtp-pipe.js';
import { LegLink, type LinkOptions } from './leg-link.js';

/** A leg on a pipe: its SDP is a formality between us and whoever is behind it. */
export class PipeLink extends LegLink {
  readonly #pipe: RtpPipe;

  constructor(options: LinkOptions, pipe: RtpPipe) {
    super(options);
    this.#pipe = pipe;
  }

  prepare(): Promise<void> {
    const { leg } = this.options;
    const pipe = this.#pipe;
    const onRtp = (packet: Buffer): void => {
      leg.onRtp(packet);
    };
    pipe.onRtp = onRtp;
    leg.transport ??= {
      peer: pipe.peer,
      sendRtp: (buffer, start, end) => {
        pipe.sendRtp(buffer, start, end);
      },
      sendRtcp: () => undefined,
      close: () => {
        if (pipe.onRtp === onRtp) pipe.onRtp = () => undefined;
      },
    };
    return Promise.resolve();
  }

  connect(): void {
    // There is nothing to find.
  }

  protected local(): { address: string; port: number; webrtc: undefined } {
    return { address: '127.0.0.1', port: 9, webrtc: undefined };
  }
}

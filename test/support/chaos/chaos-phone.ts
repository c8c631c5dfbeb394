import { WebrtcPeer } from '../media-webrtc-peer.js';

const A_LAW = { payloadTypes: '8', lines: ['a=rtpmap:8 PCMA/8000'] };

/** The audio of a page in one call: hums in G.711 as soon as it can, and counts what it hears. */
export class ChaosPhone {
  readonly #peer = new WebrtcPeer();
  #timer: NodeJS.Timeout | undefined;
  #sequence = 0;

  offer(): Promise<string> {
    this.#humWhenOpen();
    return this.#peer.offer(A_LAW);
  }

  answer(offer: string): Promise<string> {
    this.#humWhenOpen();
    return this.#peer.answer(offer, A_LAW);
  }

  take(answer: string): void {
    this.#peer.take(answer);
  }

  async heard(packets: number): Promise<void> {
    await this.#peer.rtp.waitFor(packets);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#peer.close();
  }

  #humWhenOpen(): void {
    void this.#peer.opened().then(() => {
      this.#timer = setInterval(() => {
        this.#hum();
      }, 20);
    });
  }

  #hum(): void {
    this.#sequence += 1;
    const [sequence, timestamp] = [this.#sequence, this.#sequence * 160];
    try {
      this.#peer.send({
        ...{ payloadType: 8, ssrc: 0xc4a05, sequence, timestamp },
        payload: Buffer.alloc(160, 0x55),
      });
    } catch {
      // The track closes at a moment of its own.
      clearInterval(this.#timer);
    }
  }
}

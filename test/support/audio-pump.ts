import type { Inbox, ReceivedRtp, RtpToSend } from './media-rtp-peer.js';

/** Something that sends and receives RTP: an RtpPeer or a WebrtcPeer. */
interface AudioPeer {
  readonly rtp: Inbox<ReceivedRtp>;
  send(packet: RtpToSend): void;
}

/** Two ends of a call that talk in G.711 A-law, each with a payload of its own. */
export class AudioPump {
  readonly #ends: readonly [AudioPeer, AudioPeer];
  readonly #timer: NodeJS.Timeout;
  #sequence = 0;

  constructor(one: AudioPeer, two: AudioPeer) {
    this.#ends = [one, two];
    this.#timer = setInterval(() => {
      this.#sequence += 1;
      for (const [index, peer] of this.#ends.entries())
        peer.send({
          ...{ payloadType: 8, ssrc: 0x0a0a0a00 + index, sequence: this.#sequence },
          ...{ timestamp: this.#sequence * 160, payload: Buffer.alloc(160, 0x41 + index) },
        });
    }, 20);
  }

  /** Resolves when each end has heard the other one's payload. */
  async heardBothWays(): Promise<void> {
    const waits = this.#ends.map((peer, index) => {
      peer.rtp.clear();
      return peer.rtp.waitFor(5, ({ payload }) => payload[0] === 0x41 + (1 - index));
    });
    await Promise.all(waits);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

import type { Inbox, ReceivedRtp, RtpToSend } from './media-rtp-peer.js';

/** Something that sends and receives RTP: an RtpPeer or a WebrtcPeer. */
interface AudioPeer {
  readonly rtp: Inbox<ReceivedRtp>;
  /** 0: it has nowhere to send yet. */
  readonly remotePort?: number;
  send(packet: RtpToSend): void;
}

let serial = 0;

/** A peer of a call that says one byte, packet after packet, by which whoever hears it knows it. */
export class Voice {
  byte: number;
  payloadType: number;
  /** Packets with the byte that is said now. */
  said = 0;
  readonly #timer: NodeJS.Timeout;
  #sequence = 0;

  constructor(peer: AudioPeer, byte: number, payloadType = 8) {
    this.byte = byte;
    this.payloadType = payloadType;
    const ssrc = 0x0b0b0b00 + ++serial;
    this.#timer = setInterval(() => {
      if (peer.remotePort === 0) return;
      this.#sequence += 1;
      this.said += 1;
      peer.send({
        ...{ payloadType: this.payloadType, ssrc, sequence: this.#sequence },
        ...{ timestamp: this.#sequence * 160, payload: Buffer.alloc(160, this.byte) },
      });
    }, 20);
  }

  says(byte: number, payloadType = this.payloadType): void {
    this.byte = byte;
    this.payloadType = payloadType;
    this.said = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** Resolves with the packets once that byte was heard for a while, from now on. */
export function hears(peer: AudioPeer, byte: number): Promise<ReceivedRtp[]> {
  peer.rtp.clear();
  return peer.rtp.waitFor(5, ({ payload }) => payload[0] === byte);
}

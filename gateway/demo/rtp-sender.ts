import { randomBytes } from 'node:crypto';
import { writeRtp } from './rtp-packet.js';

/** The outgoing RTP stream of a call: its SSRC, sequence and timestamps (RFC 3550 section 5.1). */
export class RtpSender {
  readonly #ssrc = randomBytes(4).readUInt32BE(0);
  #sequence = randomBytes(2).readUInt16BE(0);
  #timestamp = randomBytes(4).readUInt32BE(0);
  #send: (datagram: Buffer) => void;
  #talking = false;

  constructor(send: (datagram: Buffer) => void) {
    this.#send = send;
  }

  /** Sends one frame and moves on by `units`; the first after a pause has the marker (RFC 3551 section 4.1). */
  frame(payloadType: number, payload: Buffer, units: number): void {
    this.#packet({ payloadType, payload, marker: !this.#talking, timestamp: this.#timestamp });
    this.#talking = true;
    this.skip(units);
  }

  /** Lets time pass without a packet. */
  skip(units: number): void {
    this.#timestamp = (this.#timestamp + units) >>> 0;
  }

  pause(): void {
    this.#talking = false;
  }

  /** Sends a packet of the peer back, with its own timestamp and marker but our sequence. */
  echo(packet: { payloadType: number; payload: Buffer; marker: boolean; timestamp: number }): void {
    this.#packet(packet);
  }

  #packet(packet: {
    payloadType: number;
    payload: Buffer;
    marker: boolean;
    timestamp: number;
  }): void {
    const { payloadType, payload, marker, timestamp } = packet;
    this.#send(
      writeRtp({
        payloadType,
        payload,
        marker,
        timestamp,
        sequence: this.#sequence,
        ssrc: this.#ssrc,
      }),
    );
    this.#sequence = (this.#sequence + 1) & 0xffff;
  }
}

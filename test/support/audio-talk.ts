import { delay, systemClock } from '../../gateway/kernel/clock.js';
import type { RtpToSend } from './media-rtp-peer.js';
import type { WebrtcPeer } from './media-webrtc-peer.js';

/** One period of 1000 Hz at 8 kHz in mu-law (ITU-T G.711 table 5, the digital milliwatt). */
const PERIOD = [0x1e, 0x0b, 0x0b, 0x1e, 0x9e, 0x8b, 0x8b, 0x9e];
const FRAME_SAMPLES = 160;
const TONE = Buffer.from(Array.from({ length: FRAME_SAMPLES }, (_, n) => PERIOD[n % 8] ?? 0));
const KEYS = '0123456789*#ABCD';
/** 100 ms of tone, three end packets, 60 ms of pause. */
const UPDATES = 5;
const PAUSE_FRAMES = 3;
const AUDIO_TYPE = 0;
const EVENT_TYPE = 126;

/** Payload types of a browser that speaks PCMU and telephone-events at 8 kHz. */
export const PCMU_FORMATS = {
  payloadTypes: `${AUDIO_TYPE} ${EVENT_TYPE}`,
  lines: [`a=rtpmap:${AUDIO_TYPE} PCMU/8000`, `a=rtpmap:${EVENT_TYPE} telephone-event/8000`],
};

/** A browser that hums 1000 Hz in real time, and presses keys when it is told to (RFC 4733). */
export class AudioTalk {
  readonly #peer: WebrtcPeer;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  readonly #queue: RtpToSend[] = [];
  #sequence = 1;
  #timestamp = 0;

  constructor(peer: WebrtcPeer) {
    this.#peer = peer;
    this.#running = this.#run();
  }

  /** Packets of keys that are still to be sent. */
  get waiting(): number {
    return this.#queue.length;
  }

  press(keys: string): void {
    let timestamp = this.#timestamp + this.#queue.length * FRAME_SAMPLES;
    for (const key of keys) {
      const frames = UPDATES + 2;
      for (let frame = 1; frame <= frames; frame++) {
        const payload = Buffer.from([KEYS.indexOf(key), (frame >= UPDATES ? 0x80 : 0) | 10, 0, 0]);
        payload.writeUInt16BE(Math.min(frame, UPDATES) * FRAME_SAMPLES, 2);
        this.#queue.push(this.#packet(EVENT_TYPE, payload, { timestamp, marker: frame === 1 }));
      }
      timestamp += frames * FRAME_SAMPLES;
      for (let frame = 0; frame < PAUSE_FRAMES; frame++) {
        this.#queue.push(this.#packet(AUDIO_TYPE, TONE, { timestamp }));
        timestamp += FRAME_SAMPLES;
      }
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const startedAt = systemClock.monotonic();
    for (let frame = 1; !signal.aborted; frame++) {
      const packet =
        this.#queue.shift() ?? this.#packet(AUDIO_TYPE, TONE, { timestamp: this.#timestamp });
      this.#peer.send({ ...packet, sequence: this.#sequence++ });
      this.#timestamp += FRAME_SAMPLES;
      const wait = startedAt + frame * 20 - systemClock.monotonic();
      await delay(systemClock, Math.max(0, wait), signal).catch(() => undefined);
    }
  }

  #packet(
    payloadType: number,
    payload: Buffer,
    rest: { timestamp: number; marker?: boolean },
  ): RtpToSend {
    return { payloadType, payload, sequence: 0, ssrc: 0x5eed, ...rest };
  }
}

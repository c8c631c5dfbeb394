import { samplesIn } from '../codecs/audio-codec.js';
import { createEncoder } from '../codecs/create-codec.js';
import { Resampler } from '../codecs/resampler.js';
import { rtpClockRate } from '../dtmf/telephone-event-choice.js';
import type { Clock, Timer } from '../../kernel/clock.js';
import type { CodecName } from '../media-engine.js';
import type { SoundSource } from '../sounds/sound-source.js';
import { packetTimeOf, PacketWriter, type PacketSink } from './packet-writer.js';

export interface SoundPlayerOptions {
  clock: Clock;
  /** Whether packets may be sent to the leg now. */
  takesAudio: () => boolean;
  /** Takes each packet, as if a source had sent it. */
  sink: PacketSink;
}

/** A player that is so late (the process stood still) leaves a gap instead of a burst. */
const MAX_LATE_MS = 100;
/** Of a sound that is stopped. */
const FADE_MS = 10;

/** What is played, and who is told when it ended by itself. */
interface Playing {
  source: SoundSource;
  onEnd: () => void;
}

/** The way from a source's samples to packets of one codec. */
interface Output {
  key: string;
  pcm: Int16Array;
  resampler: Resampler | undefined;
  resampled: Int16Array;
  writer: PacketWriter;
  ptimeMs: number;
}

/**
 * Plays one sound at a time to a leg, in real time and in the leg's codec. Its packets are those of a source of their own, so that
 * the leg's stream goes on without a jump when a sound begins or ends.
 */
export class SoundPlayer {
  readonly #options: SoundPlayerOptions;
  #playing: Playing | undefined;
  #stopping = false;
  #format: { codec: CodecName; ptimeMs: number } | undefined;
  #output: Output | undefined;
  #timer: Timer | undefined;
  /** Clock.monotonic at which the next packet is due. */
  #dueAt = 0;

  constructor(options: SoundPlayerOptions) {
    this.#options = options;
  }

  /** True while the leg hears a sound in place of the other leg. */
  get active(): boolean {
    return this.#playing !== undefined && this.#format !== undefined;
  }

  /** In what the leg takes audio from now on. */
  agree(codec: CodecName, ptimeMs: number): void {
    this.#format = { codec, ptimeMs: packetTimeOf(codec, ptimeMs) };
    this.#arm();
  }

  /** @param onEnd when the source came to its end */
  start(source: SoundSource, onEnd: () => void): void {
    this.#playing = { source, onEnd };
    this.#stopping = false;
    this.#output = undefined;
    this.#arm();
  }

  /** The sound fades within one more packet. */
  stop(): void {
    if (this.active) this.#stopping = true;
    else this.close();
  }

  /** Ends at once. Idempotent. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#playing = undefined;
    this.#output = undefined;
    this.#stopping = false;
  }

  #arm(): void {
    if (!this.active || this.#timer !== undefined) return;
    this.#dueAt = this.#options.clock.monotonic();
    this.#wait();
  }

  #wait(): void {
    const { clock } = this.#options;
    this.#timer = clock.setTimer(this.#tick, Math.max(0, this.#dueAt - clock.monotonic()));
  }

  readonly #tick = (): void => {
    this.#timer = undefined;
    const playing = this.#playing;
    if (playing === undefined) return;
    const now = this.#options.clock.monotonic();
    const output = this.#outputFor(playing.source);
    if (output === undefined) return;
    const late = now - this.#dueAt;
    if (late > MAX_LATE_MS) {
      output.writer.pause(late / 1000, now);
      this.#dueAt = now;
    }
    this.#dueAt += output.ptimeMs;
    if (this.#sendOne(playing, output, now)) this.#wait();
  };

  /** False when the sound is over. */
  #sendOne({ source, onEnd }: Playing, output: Output, now: number): boolean {
    const samples = source.fill(output.pcm);
    const ended = samples < output.pcm.length;
    output.pcm.fill(0, samples);
    if (this.#stopping) fadeOut(output.pcm, source.sampleRate);
    const stopped = this.#stopping;
    if (!this.#options.takesAudio()) output.writer.pause(output.ptimeMs / 1000, now);
    else if (samples > 0) this.#write(output, now);
    if (!ended && !stopped) return true;
    this.close();
    if (ended && !stopped) onEnd();
    return false;
  }

  #write({ pcm, resampler, resampled, writer }: Output, now: number): void {
    if (resampler === undefined) writer.write(pcm, { samples: pcm.length }, now);
    else writer.write(resampled, { samples: resampler.convert(pcm, pcm.length, resampled) }, now);
  }

  #outputFor(source: SoundSource): Output | undefined {
    if (this.#format === undefined) return undefined;
    const { codec, ptimeMs } = this.#format;
    const key = `${codec} ${ptimeMs}`;
    if (this.#output?.key === key) return this.#output;
    // Opus works at the rate of the source then.
    const encoder = createEncoder(codec, source.sampleRate === 8000 ? 'pcmu' : 'g722');
    const pcm = new Int16Array(samplesIn(ptimeMs, source.sampleRate));
    const resampler =
      encoder.sampleRate === source.sampleRate
        ? undefined
        : new Resampler(source.sampleRate, encoder.sampleRate);
    this.#output = {
      ...{ key, pcm, resampler, ptimeMs },
      resampled: new Int16Array(resampler?.outputFor(pcm.length) ?? 0),
      writer: new PacketWriter({
        ...{ encoder, ptimeMs, clockRate: rtpClockRate(codec), sink: this.#options.sink },
      }),
    };
    return this.#output;
  }
}

function fadeOut(pcm: Int16Array, sampleRate: number): void {
  const samples = samplesIn(FADE_MS, sampleRate);
  for (let index = 0; index < pcm.length; index += 1) {
    pcm[index] = (pcm[index] ?? 0) * Math.max(0, 1 - index / samples);
  }
}

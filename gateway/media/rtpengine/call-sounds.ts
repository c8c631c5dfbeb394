import type { Clock, Timer } from '../../kernel/clock.js';
import { toCopperlineError } from '../../kernel/errors.js';
import type { Log } from '../../kernel/log.js';
import type { CodecName, LegName, Sound } from '../media-engine.js';
import { openSound } from '../sounds/open-sound.js';
import type { SoundFiles } from '../sounds/sound-files.js';
import { ResampledSource } from '../sounds/resampled-source.js';
import type { SoundSource } from '../sounds/sound-source.js';
import { writeCaf } from '../sounds/write-caf.js';
import type { BencodeDictionary } from './bencode.js';
import { unsupported } from './session-errors.js';
import type { SilencedLegs } from './silenced-legs.js';
import { SoundPieces } from './sound-pieces.js';

export interface CallSoundsOptions {
  clock: Clock;
  files: SoundFiles;
  log: Log;
  silenced: SilencedLegs;
  request(
    command: 'play media' | 'stop media',
    leg: LegName,
    fields?: BencodeDictionary,
  ): Promise<unknown>;
  /** Whether packets may be sent to the leg now; undefined before it was answered or has answered. */
  takesAudio(leg: LegName): boolean | undefined;
  /** Of a leg for which takesAudio() is known. */
  codecOf(leg: LegName): CodecName | undefined;
  /** Runs a task when nothing else of the call runs; not when the call is over. */
  run(task: () => Promise<void>): void;
  /** A sound came to its end by itself. */
  onPlayed(leg: LegName): void;
}

interface Piece {
  pcm: Int16Array;
  file: Buffer;
}

interface Playing {
  source: SoundSource;
  /** Once it is known what the leg speaks. */
  pieces: SoundPieces | undefined;
  /** What of it is on its way, and since when (Clock.monotonic). */
  piece: { pcm: Int16Array; begunAt: number } | undefined;
  /** What comes after it, made in time; no piece in it at the end of the sound. */
  ahead: { piece: Piece | undefined } | undefined;
  timer: Timer | undefined;
}

/** A daemon that has to change the rate starts with what it reads ahead (media_player.c), and is through so much earlier. */
const AHEAD_MS = 40;
/** How long before it is due the next piece is made. */
const PREPARE_MS = 500;

const LEGS: readonly LegName[] = ['caller', 'callee'];

/**
 * The sounds of one call, at most one for each leg. The daemon is given them piece by piece, as small files in its control messages, and
 * makes of them what the leg speaks: it needs no file of ours, and none of its own.
 */
export class CallSounds {
  readonly #options: CallSoundsOptions;
  readonly #playing: Partial<Record<LegName, Playing | undefined>> = {};
  /** Grows with each order, so that a file that was read too late is not played. */
  readonly #orders = { caller: 0, callee: 0 };

  constructor(options: CallSoundsOptions) {
    this.#options = options;
  }

  /** What can be done beside everything else; the result MUST be run alone. @throws CopperlineError CL_MEDIA_SOUND_FILE */
  async prepare(to: LegName, sound: Sound): Promise<() => Promise<void>> {
    const order = (this.#orders[to] += 1);
    const source = await openSound(sound, this.#options.files);
    return async () => {
      if (order !== this.#orders[to]) return;
      this.#playing[to]?.timer?.cancel();
      const playing = {
        ...{ source, pieces: undefined, piece: undefined, ahead: undefined, timer: undefined },
      };
      this.#playing[to] = playing;
      try {
        await this.#step(to, playing);
      } catch (error) {
        await this.#drop(to);
        throw error;
      }
    };
  }

  /** Nothing that was asked for before this is played. The result MUST be run alone. */
  stop(to: LegName): () => Promise<void> {
    this.#orders[to] += 1;
    return async () => {
      const playing = this.#playing[to];
      this.#forget(to);
      try {
        if (playing?.piece !== undefined) await this.#quiet(to);
      } finally {
        await this.#options.silenced.sound(to, false);
      }
    };
  }

  /** The legs have agreed on something: sounds that waited begin, the others go on in what was agreed. MUST run alone. */
  async agreed(): Promise<void> {
    for (const leg of LEGS) {
      const playing = this.#playing[leg];
      if (playing === undefined) continue;
      playing.timer?.cancel();
      const rest = this.#rest(playing);
      try {
        if (playing.piece !== undefined && this.#options.takesAudio(leg) !== true)
          await this.#quiet(leg);
        await this.#step(leg, playing, rest);
      } catch (thrown) {
        await this.#fail(leg, thrown);
      }
    }
  }

  /** The call is over. */
  close(): void {
    for (const leg of LEGS) {
      this.#orders[leg] += 1;
      this.#forget(leg);
    }
  }

  /** Plays the next piece, or this one. */
  async #step(leg: LegName, playing: Playing, rest?: Int16Array): Promise<void> {
    const { clock, silenced } = this.#options;
    const takes = this.#options.takesAudio(leg);
    if (takes === undefined) return;
    const codec = this.#options.codecOf(leg);
    const pieces = (playing.pieces ??= new SoundPieces(suited(playing.source, codec)));
    const { piece } =
      rest === undefined ? takeNext(playing, pieces) : { piece: made(rest, pieces) };
    if (piece === undefined) {
      await this.#end(leg);
      return;
    }
    await silenced.sound(leg, true);
    if (takes && this.#playing[leg] === playing) await this.#play(leg, piece.file);
    // The call has ended meanwhile.
    if (this.#playing[leg] !== playing) return;
    playing.piece = { pcm: piece.pcm, begunAt: clock.monotonic() };
    const lengthMs = (piece.pcm.length * 1000) / pieces.sampleRate;
    this.#schedule(leg, playing, lengthMs - (codec === 'opus' ? AHEAD_MS : 0));
  }

  #schedule(leg: LegName, playing: Playing, lengthMs: number): void {
    const { clock } = this.#options;
    const { piece, pieces } = playing;
    const dueAt = clock.monotonic() + lengthMs;
    const next = (): void => {
      this.#options.run(async () => {
        if (this.#playing[leg] !== playing || playing.piece !== piece) return;
        await this.#step(leg, playing).catch((thrown: unknown) => this.#fail(leg, thrown));
      });
    };
    const prepare = (): void => {
      if (pieces !== undefined) playing.ahead ??= nextOf(pieces);
      playing.timer = clock.setTimer(next, Math.max(0, dueAt - clock.monotonic()));
    };
    playing.timer = clock.setTimer(prepare, Math.max(0, lengthMs - PREPARE_MS));
  }

  /** A call goes on without its sound. */
  async #fail(leg: LegName, thrown: unknown): Promise<void> {
    const { code, sentence } = toCopperlineError(thrown, 'CL_INTERNAL');
    this.#options.log.warn({ leg, code, sentence }, 'a sound is played no further');
    await this.#drop(leg);
  }

  async #drop(leg: LegName): Promise<void> {
    const playing = this.#playing[leg];
    this.#forget(leg);
    if (playing?.piece !== undefined) await this.#quiet(leg).catch(() => undefined);
    await this.#options.silenced.sound(leg, false).catch(() => undefined);
  }

  async #end(leg: LegName): Promise<void> {
    this.#forget(leg);
    await this.#options.silenced.sound(leg, false);
    this.#options.onPlayed(leg);
  }

  /** @throws CopperlineError CL_MEDIA_UNSUPPORTED when the daemon was built without a player */
  async #play(leg: LegName, blob: Buffer): Promise<void> {
    try {
      await this.#options.request('play media', leg, { blob });
    } catch (thrown) {
      const error = toCopperlineError(thrown, 'CL_INTERNAL');
      if (error.code === 'CL_MEDIA_RTPENGINE_REFUSED' && error.sentence.endsWith(': unsupported.'))
        throw unsupported('play sounds with a daemon that was built without transcoding');
      throw error;
    }
  }

  async #quiet(leg: LegName): Promise<void> {
    try {
      await this.#options.request('stop media', leg);
    } catch (thrown) {
      // Of a leg that was on hold all the time it has played nothing.
      if (toCopperlineError(thrown, 'CL_INTERNAL').code !== 'CL_MEDIA_RTPENGINE_REFUSED')
        throw thrown;
    }
  }

  /** Of the piece on its way, what the leg has not heard yet. */
  #rest({ pieces, piece }: Playing): Int16Array | undefined {
    if (piece === undefined || pieces === undefined) return undefined;
    const passedMs = this.#options.clock.monotonic() - piece.begunAt;
    const { sampleRate, packetSamples } = pieces;
    const heard = Math.floor((passedMs * sampleRate) / 1000 / packetSamples) * packetSamples;
    return heard < piece.pcm.length ? piece.pcm.subarray(heard) : undefined;
  }

  #forget(leg: LegName): void {
    this.#playing[leg]?.timer?.cancel();
    this.#playing[leg] = undefined;
  }
}

/** At the rate of the codec, where that is one of a sound: the daemon changes rates in its own packets, of which it loses the last one. */
function suited(source: SoundSource, codec: CodecName | undefined): SoundSource {
  if (codec === undefined || codec === 'opus') return source;
  const rate = codec === 'g722' || codec === 'l16-16000' ? 16_000 : 8000;
  return source.sampleRate === rate ? source : new ResampledSource(source, rate);
}

function takeNext(playing: Playing, pieces: SoundPieces): { piece: Piece | undefined } {
  const next = playing.ahead ?? nextOf(pieces);
  playing.ahead = undefined;
  return next;
}

function nextOf(pieces: SoundPieces): { piece: Piece | undefined } {
  const pcm = pieces.next();
  return { piece: pcm === undefined ? undefined : made(pcm, pieces) };
}

function made(pcm: Int16Array, pieces: SoundPieces): Piece {
  return { pcm, file: writeCaf(pcm, pieces) };
}

import { describe, expect, it } from 'vitest';
import { ManualClock, settle } from '../../../test/support/manual-clock.js';
import { CopperlineError } from '../../kernel/errors.js';
import { silentLog } from '../../kernel/log.js';
import { SerialQueue } from '../../kernel/serial-queue.js';
import type { LegName, Sound } from '../media-engine.js';
import { SoundFiles } from '../sounds/sound-files.js';
import { CallSounds } from './call-sounds.js';
import { SilencedLegs } from './silenced-legs.js';

const TONE: Sound = { kind: 'tone', tone: 'ringback', country: 'DE' };

function gated(): { until: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const until = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { until, open };
}

/** The sounds of an answered call on a daemon that notes what it is told, and answers when it is let. */
class Rig {
  readonly clock = new ManualClock();
  readonly told: string[] = [];
  readonly queue = new SerialQueue();
  /** A command that is not answered before this. */
  until: Promise<void> | undefined;
  /** A command that fails, once. */
  failing: string | undefined;
  readonly #silenced = new SilencedLegs((command, leg) => this.#request(command, leg));
  readonly sounds = new CallSounds({
    ...{ clock: this.clock, files: new SoundFiles(), log: silentLog, silenced: this.#silenced },
    request: (command, leg) => this.#request(command, leg),
    takesAudio: () => true,
    codecOf: () => 'pcma',
    run: (task) => void this.queue.run(task).catch(() => undefined),
    onPlayed: () => undefined,
  });

  static async open(): Promise<Rig> {
    const rig = new Rig();
    await rig.#silenced.follow({ caller: 'sendrecv', callee: 'sendrecv' });
    return rig;
  }

  async play(): Promise<void> {
    const begin = await this.sounds.prepare('caller', TONE);
    await this.queue.run(begin);
  }

  stop(): Promise<void> {
    const stop = this.sounds.stop('caller');
    return this.queue.run(stop);
  }

  async #request(command: string, leg: LegName): Promise<void> {
    this.told.push(`${command} ${leg}`);
    await this.until;
    if (this.failing !== command) return;
    this.failing = undefined;
    throw new CopperlineError('CL_MEDIA_RTPENGINE_SILENT', { sentence: 'Nothing came.' });
  }
}

describe('the sounds of a call on a daemon', () => {
  it('leave no timer when the call ends while a piece is on its way', async () => {
    const rig = await Rig.open();
    const gate = gated();
    rig.until = gate.until;
    const playing = rig.play();
    await settle();
    expect(rig.told).toEqual(['block media callee']);
    rig.sounds.close();
    gate.open();
    await playing;
    expect(rig.clock.pending).toBe(0);
    expect(rig.told, 'no sound into a call that ends').toEqual(['block media callee']);
  });

  it('leave no timer when the call ends while the next piece is on its way', async () => {
    const rig = await Rig.open();
    await rig.play();
    const gate = gated();
    rig.until = gate.until;
    await rig.clock.advanceAsync(7500);
    expect(rig.told.slice(1)).toEqual(['play media caller', 'play media caller']);
    rig.sounds.close();
    gate.open();
    await settle();
    expect(rig.clock.pending).toBe(0);
  });

  it('play the one that was asked for after a stop that has still to wait', async () => {
    const rig = await Rig.open();
    await rig.play();
    const gate = gated();
    const busy = rig.queue.run(() => gate.until);
    const stopped = rig.stop();
    const second = rig.play();
    gate.open();
    await Promise.all([busy, stopped, second]);
    expect(rig.told.slice(2)).toEqual([
      ...['stop media caller', 'unblock media callee'],
      ...['block media callee', 'play media caller'],
    ]);
    await rig.stop();
    expect(rig.clock.pending).toBe(0);
  });

  it('play nothing that was stopped before its file was read', async () => {
    const rig = await Rig.open();
    const first = rig.play();
    await rig.stop();
    await first;
    expect(rig.told).toEqual([]);
  });

  it.each(['stop media', 'unblock media'])(
    'let the legs hear each other again when the daemon misses "%s"',
    async (command) => {
      const rig = await Rig.open();
      await rig.play();
      rig.failing = command;
      await expect(rig.stop()).rejects.toMatchObject({ code: 'CL_MEDIA_RTPENGINE_SILENT' });
      await rig.stop();
      expect(rig.told.at(-1)).toBe('unblock media callee');
      expect(rig.failing).toBeUndefined();
      expect(rig.told.filter((told) => told.startsWith('unblock'))).toHaveLength(
        command === 'stop media' ? 1 : 2,
      );
      expect(rig.clock.pending).toBe(0);
    },
  );
});

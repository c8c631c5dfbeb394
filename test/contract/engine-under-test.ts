import { it } from 'vitest';
import type { MediaEngine } from '../../gateway/media/media-engine.js';
import { closeOpened } from '../support/media-rig.js';

/** An engine, and the holds on it that only a test needs. */
export interface EngineUnderTest {
  engine: MediaEngine;
  /** Connectivity checks that belonged to no call. */
  strangers: () => Promise<number>;
  /** Kills, without warning, a process that carries calls; undefined when there is none to kill. */
  killWorker: (() => void) | undefined;
  /**
   * True when audio is decoded and made anew at the pace of the engine, so that nothing of a packet but its sound arrives, and digits go to
   * browsers as tones.
   */
  decodes?: boolean;
  /** True when streams go on as their sources made them, with the same SSRC and numbers. */
  passesOn?: boolean;
  /** True when another connection of a browser ends the one before at once, and not when it is up. */
  oneTransport?: boolean;
  /** True when a telephone-event has the same number in both directions of a leg, so that an answer with another number takes none. */
  oneEventNumber?: boolean;
  /** UDP ports that each browser has for itself; default 0. */
  portsPerBrowser?: number;
  /** True when audio that is transcoded comes out at its own pace, and not packet by packet as it goes in. */
  paced?: boolean;
  /** How far the length of a digit that was heard may be off when its audio is decoded, ms; default 10. */
  toneToleranceMs?: number;
  /** Of a tone of 8000 that goes through a transcoder; default 6500. */
  leastAmplitude?: number;
}

interface EngineSettings {
  /** Media timeout, ms. */
  timeoutMs: number;
}

export type CreateEngine = (settings?: Partial<EngineSettings>) => Promise<EngineUnderTest>;

/** Something that an engine cannot do: the title of the case, and why. */
export interface EngineGap {
  title: string;
  reason: string;
}

/** `limitMs`: of a case that takes long by its nature; default that of its project. */
export type Case = (title: string, run: () => Promise<void>, limitMs?: number) => void;

/** `it`, but for the gaps, which are shown as skipped with their reason. */
export function casesWithout(gaps: readonly EngineGap[]): Case {
  return (title, body, limitMs) => {
    const run = (): Promise<void> => body().finally(closeOpened);
    const gap = gaps.find((entry) => entry.title === title);
    if (gap === undefined) it(title, run, limitMs);
    else it.skip(`${title} (${gap.reason})`, run);
  };
}

/** A case that asks for less than the one called `than`, and runs where that one is a gap. */
export type LesserCase = (title: string, than: string, run: () => Promise<void>) => void;

export function lesserCasesWithout(gaps: readonly EngineGap[]): LesserCase {
  const test = casesWithout(gaps);
  return (title, than, run) => {
    if (gaps.some((gap) => gap.title === than)) test(title, run);
  };
}

/** What a group of cases gets: the engine of its describe(), open while a case runs. */
export interface Suite {
  test: Case;
  lesser: LesserCase;
  create: CreateEngine;
  /** The engine that all cases of the suite share. */
  shared: () => EngineUnderTest;
}

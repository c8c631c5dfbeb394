import { CopperlineError } from '../../kernel/errors.js';
import type {
  DigitFate,
  DigitToSend,
  LegName,
  LegPolicy,
  MediaSession,
  MediaStatistics,
  Sound,
} from '../media-engine.js';
import { emptyStatistics } from '../relay/leg-statistics.js';
import type { WorkerProcess } from './worker-process.js';
import type { WorkerSlot } from './worker-slot.js';

export interface WorkerSessionOptions {
  id: number;
  slot: WorkerSlot;
  worker: WorkerProcess;
}

/** A session in a worker process. */
export class WorkerSession implements MediaSession {
  readonly #options: WorkerSessionOptions;
  #closing: Promise<MediaStatistics> | undefined;

  constructor(options: WorkerSessionOptions) {
    this.#options = options;
  }

  offerTo(
    to: LegName,
    offer: string,
    policies: { from: LegPolicy; to: LegPolicy },
  ): Promise<string> {
    const { id, worker } = this.#options;
    if (this.#closing !== undefined) return Promise.reject(closed());
    return worker.request('offerTo', { session: id, to, sdp: offer, policies });
  }

  offerAlone(to: LegName, policies: { from: LegPolicy; to: LegPolicy }): Promise<string> {
    const { id, worker } = this.#options;
    if (this.#closing !== undefined) return Promise.reject(closed());
    return worker.request('offerAlone', { session: id, to, policies });
  }

  answerTo(to: LegName, answer: string): Promise<string> {
    const { id, worker } = this.#options;
    if (this.#closing !== undefined) return Promise.reject(closed());
    return worker.request('answerTo', { session: id, to, sdp: answer });
  }

  sendDigits(to: LegName, digits: readonly DigitToSend[]): Promise<DigitFate[]> {
    const { id, worker } = this.#options;
    if (this.#closing !== undefined) return Promise.reject(closed());
    return worker.request('sendDigits', { session: id, to, digits });
  }

  answerAlone(to: LegName, offer: string, policy: LegPolicy): Promise<string> {
    const { id, worker } = this.#options;
    if (this.#closing !== undefined) return Promise.reject(closed());
    return worker.request('answerAlone', { session: id, to, sdp: offer, policy });
  }

  play(to: LegName, sound: Sound): Promise<void> {
    const { id, worker } = this.#options;
    if (this.#closing !== undefined) return Promise.reject(closed());
    return worker.request('play', { session: id, to, sound });
  }

  stopPlaying(to: LegName): Promise<void> {
    const { id, worker } = this.#options;
    if (this.#closing !== undefined) return Promise.reject(closed());
    return worker.request('stopPlaying', { session: id, to });
  }

  listenForPrompt(from: LegName, limitMs: number): Promise<void> {
    const { id, worker } = this.#options;
    if (this.#closing !== undefined) return Promise.reject(closed());
    return worker.request('listenForPrompt', { session: id, from, limitMs });
  }

  renewalOffer(to: LegName): Promise<string> {
    const { id, worker } = this.#options;
    if (this.#closing !== undefined) return Promise.reject(closed());
    return worker.request('renewalOffer', { session: id, to });
  }

  renewWithAnswer(from: LegName, answer: string): Promise<void> {
    const { id, worker } = this.#options;
    if (this.#closing !== undefined) return Promise.reject(closed());
    return worker.request('renewWithAnswer', { session: id, from, sdp: answer });
  }

  renewWithOffer(from: LegName, offer: string): Promise<string> {
    const { id, worker } = this.#options;
    if (this.#closing !== undefined) return Promise.reject(closed());
    return worker.request('renewWithOffer', { session: id, from, sdp: offer });
  }

  statistics(): Promise<MediaStatistics> {
    const { id, worker } = this.#options;
    if (this.#closing !== undefined) return Promise.reject(closed());
    return worker.request('statistics', { session: id });
  }

  close(): Promise<MediaStatistics> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<MediaStatistics> {
    const { id, slot, worker } = this.#options;
    slot.remove(id);
    try {
      return await worker.request('close', { session: id });
    } catch {
      // The worker died and took the counters with it; closing is all the same done.
      return { caller: emptyStatistics(), callee: emptyStatistics() };
    }
  }
}

function closed(): CopperlineError {
  return new CopperlineError('CL_MEDIA_CLOSED', { sentence: 'The media session is closed.' });
}

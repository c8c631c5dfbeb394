import { CopperlineError } from '../../kernel/errors.js';
import type { BencodeDictionary } from './bencode.js';
import type { Daemon } from './daemon.js';
import type { DaemonPool } from './daemon-pool.js';

export interface DaemonCallOptions {
  id: string;
  pool: DaemonPool;
  /** The daemon that carries the call is gone, or has forgotten it. */
  onLost(error: CopperlineError): void;
}

/** A call on one daemon of the pool: on another one only as long as none has taken it. */
export class DaemonCall {
  readonly #options: DaemonCallOptions;
  #daemon: Daemon;
  #forgetDown: () => void;
  #begun = false;
  #ended = false;

  /** @throws CopperlineError CL_MEDIA_UNAVAILABLE */
  constructor(options: DaemonCallOptions) {
    this.#options = options;
    this.#daemon = options.pool.choose();
    this.#forgetDown = this.#watch(this.#daemon);
  }

  /** Whether a daemon has taken the call. */
  get begun(): boolean {
    return this.#begun;
  }

  /**
   * An offer. The first one goes from daemon to daemon until one takes it.
   * @throws CopperlineError CL_MEDIA_UNAVAILABLE, CL_MEDIA_RTPENGINE_*
   */
  async begin(fields: BencodeDictionary): Promise<BencodeDictionary> {
    if (this.#begun) return await this.request('offer', fields);
    const tried = new Set<Daemon>();
    for (;;) {
      const daemon = this.#daemon;
      try {
        const reply = await this.request('offer', fields);
        this.#begun = true;
        return reply;
      } catch (error) {
        // A daemon that took the offer but whose answer was lost must not keep the ports.
        void this.#delete(daemon).catch(() => undefined);
        tried.add(daemon);
        this.#move(this.#next(tried, error));
      }
    }
  }

  /** @throws CopperlineError CL_MEDIA_RTPENGINE_*, CL_MEDIA_WORKER_DIED */
  async request(command: string, fields: BencodeDictionary = {}): Promise<BencodeDictionary> {
    const daemon = this.#daemon;
    try {
      return await daemon.client.request(command, { 'call-id': this.#options.id, ...fields });
    } catch (error) {
      if (isCode(error, 'CL_MEDIA_RTPENGINE_SILENT')) daemon.suspect();
      if (!this.#begun || this.#ended || !isUnknownCall(error)) throw error;
      const lost = new CopperlineError('CL_MEDIA_WORKER_DIED', {
        sentence: `The rtpengine at ${daemon.name} no longer knows the call: it was restarted, or its own timeout ended it.`,
        cause: error,
      });
      this.#options.onLost(lost);
      throw lost;
    }
  }

  /** Deletes the call; the last counters, or none when the daemon is gone. Never rejects. */
  async end(): Promise<BencodeDictionary> {
    this.#ended = true;
    this.#forgetDown();
    const daemon = this.#daemon;
    try {
      if (!this.#begun || !daemon.up) return {};
      // What delete answers has the counters of a call that is gone: zeros.
      const last = await daemon.client.request('query', { 'call-id': this.#options.id });
      await this.#delete(daemon);
      return last;
    } catch {
      // What a silent daemon still holds is deleted when it is found up again, or by its own timeout.
      return {};
    } finally {
      daemon.load -= 1;
    }
  }

  #delete(daemon: Daemon): Promise<BencodeDictionary> {
    return daemon.client.request('delete', { 'call-id': this.#options.id, 'delete-delay': 0 });
  }

  #next(tried: ReadonlySet<Daemon>, error: unknown): Daemon {
    try {
      return this.#options.pool.choose(tried);
    } catch {
      throw error;
    }
  }

  #move(daemon: Daemon): void {
    this.#forgetDown();
    this.#daemon.load -= 1;
    this.#daemon = daemon;
    this.#forgetDown = this.#watch(daemon);
  }

  #watch(daemon: Daemon): () => void {
    daemon.load += 1;
    return daemon.onDown(() => {
      const sentence = `The rtpengine at ${daemon.name}, which carried the call, no longer answers.`;
      if (this.#begun)
        this.#options.onLost(new CopperlineError('CL_MEDIA_WORKER_DIED', { sentence }));
    });
  }
}

function isCode(error: unknown, code: CopperlineError['code']): boolean {
  return error instanceof CopperlineError && error.code === code;
}

function isUnknownCall(error: unknown): boolean {
  return isCode(error, 'CL_MEDIA_RTPENGINE_REFUSED') && /unknown call/i.test(String(error));
}

import { CopperlineError } from '../../kernel/errors.js';
import type { Daemon } from './daemon.js';

/** Chooses the daemon of a new call: the one that is up and has the fewest calls for its weight. */
export class DaemonPool {
  readonly #daemons: readonly Daemon[];
  #closed = false;

  constructor(daemons: readonly Daemon[]) {
    this.#daemons = daemons;
  }

  get up(): number {
    return this.#daemons.filter((daemon) => daemon.up).length;
  }

  async start(): Promise<void> {
    await Promise.all(this.#daemons.map((daemon) => daemon.start()));
  }

  /** @throws CopperlineError CL_MEDIA_UNAVAILABLE */
  choose(except: ReadonlySet<Daemon> = new Set()): Daemon {
    const able = this.#daemons.filter((daemon) => daemon.up && !except.has(daemon));
    const [first, ...others] = able;
    if (this.#closed || first === undefined) {
      throw new CopperlineError('CL_MEDIA_UNAVAILABLE', { sentence: this.#whyNone(able) });
    }
    return others.reduce((best, each) => (fuller(best, each) ? each : best), first);
  }

  close(): void {
    this.#closed = true;
    for (const daemon of this.#daemons) daemon.close();
  }

  #whyNone(able: readonly Daemon[]): string {
    if (this.#closed) return 'The media engine is closed.';
    const names = this.#daemons.map((daemon) => daemon.name).join(', ');
    const tried = able.length === 0 && this.up > 0 ? ' takes this call' : ' answers';
    return `No rtpengine${tried} (${names}).`;
  }
}

/** Whether `a` carries more than `b` does, each in relation to its weight. */
function fuller(a: Daemon, b: Daemon): boolean {
  return (a.load + 1) * b.weight > (b.load + 1) * a.weight;
}

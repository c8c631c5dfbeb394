import type { Timer } from '../kernel/clock.js';
import type { EndReason } from '../kernel/end-reason.js';
import type { Device } from '../signaling/user-devices.js';
import type { Answered, Callout } from './callout.js';
import { ringDevice, type BranchOptions, type BranchResult } from './device-branch.js';
import { noAnswer, notRegistered, userBusy } from './end-reasons.js';
import type { RingStage } from './ring-stages.js';
import type { RingSteps } from './ring-steps.js';
import { moreTelling } from './refusal-rank.js';

/** RFC 3326 section 2: how a phone tells "missed" from "taken elsewhere". */
const ELSEWHERE = { sipStatus: 200, sentence: 'Call completed elsewhere' };

interface Ringing {
  user: string;
  /** Aborts the branches of this user. */
  abort: AbortController;
  /** Devices that ring, by contact and WebSocket: the same contact on a new WebSocket is rung anew. */
  active: Set<string>;
  /** Devices that said no; a refresh of their registration does not ring them again. */
  refused: Set<string>;
  /** The most telling refusal of a device. */
  end: EndReason | undefined;
  /** Runs while none rings and one may come back. */
  waiting: Timer | undefined;
  done: boolean;
  stop: () => void;
}

/**
 * One stage of ringing: some users, each with all their devices, until one device answers, all have refused, or time is up. A
 * device whose WebSocket closes is skipped at once; when it was a user's last one, the call waits a moment for
 * it to register again, as after a page reload, and rings it then.
 */
export class RingRun {
  readonly #steps: RingSteps;
  readonly #request: Pick<BranchOptions, 'invite'>;
  readonly #stage: RingStage;
  readonly #users: Ringing[] = [];
  #settle: (callout: Callout) => void = () => undefined;
  #settled = false;
  #timer: Timer | undefined;

  constructor(steps: RingSteps, request: Pick<BranchOptions, 'invite'>, stage: RingStage) {
    this.#steps = steps;
    this.#request = request;
    this.#stage = stage;
  }

  run(): Promise<Callout> {
    const { call } = this.#steps;
    return new Promise((resolve) => {
      const onOver = (): void => {
        this.#finish({ kind: 'cancelled' }, call.over.signal.reason);
      };
      call.over.signal.addEventListener('abort', onOver, { once: true });
      this.#settle = (callout) => {
        call.over.signal.removeEventListener('abort', onOver);
        resolve(callout);
      };
      if (call.isOver) {
        onOver();
        return;
      }
      const end = noAnswer(this.#stage.ringMs);
      this.#timer = call.setTimer(() => {
        this.#finish({ kind: 'refused', end }, end);
      }, this.#stage.ringMs);
      for (const user of this.#stage.users) this.#users.push(this.#ringing(user));
      for (const ringing of [...this.#users]) call.inBackground(this.#start(ringing));
    });
  }

  #ringing(user: string): Ringing {
    return {
      ...{ user, abort: new AbortController(), active: new Set(), refused: new Set() },
      ...{ end: undefined, waiting: undefined, done: false, stop: () => undefined },
    };
  }

  async #start(ringing: Ringing): Promise<void> {
    const { user } = ringing;
    const { devices, reconnectMs, mayTakeCall } = this.#steps.context;
    if (!mayTakeCall(user)) {
      this.#userDone(ringing, userBusy(user));
      return;
    }
    ringing.stop = devices.onRegistered(user, (device) => {
      this.#ring(ringing, device);
    });
    const present = await devices.find(user);
    if (this.#settled) {
      ringing.stop();
      return;
    }
    for (const device of present) this.#ring(ringing, device);
    if (ringing.active.size > 0 || ringing.done) return;
    if (devices.lostWithin(user, reconnectMs)) this.#waitFor(ringing);
    else this.#userDone(ringing, notRegistered(user));
  }

  #ring(ringing: Ringing, device: Device): void {
    const key = `${device.flow.id} ${device.contact}`;
    const own = this.#steps.hasDevice(device);
    const known = ringing.active.has(key) || ringing.refused.has(key);
    if (own || known || this.#settled || ringing.done) return;
    ringing.waiting?.cancel();
    ringing.active.add(key);
    const branch = ringDevice(this.#steps, {
      ...{ ...this.#request, device, signal: ringing.abort.signal },
      onRinging: (media) => {
        if (!this.#settled) this.#steps.onRinging(media);
      },
    });
    this.#steps.call.inBackground(
      branch.then((result) => {
        this.#onResult(ringing, { key, result });
      }),
    );
  }

  #onResult(ringing: Ringing, { key, result }: { key: string; result: BranchResult }): void {
    if (result.kind === 'answered') {
      this.#onAnswered(result);
      return;
    }
    ringing.active.delete(key);
    if (this.#settled || ringing.done) return;
    if (result.kind === 'refused') {
      ringing.end = moreTelling(ringing.end, result.end);
      ringing.refused.add(key);
      if (result.final) {
        ringing.abort.abort(result.end);
        this.#userDone(ringing, result.end);
        return;
      }
    }
    if (ringing.active.size > 0) return;
    if (ringing.end === undefined) this.#waitFor(ringing);
    else this.#userDone(ringing, ringing.end);
  }

  #onAnswered(answered: Answered): void {
    const { call } = this.#steps;
    if (this.#settled) {
      // A second one at the very same time.
      call.inBackground(answered.dialog.bye(ELSEWHERE));
      call.inBackground(answered.media.close());
      return;
    }
    this.#finish(answered, ELSEWHERE);
  }

  #waitFor(ringing: Ringing): void {
    const { call, context } = this.#steps;
    call.log.debug({ called: ringing.user }, 'waiting for a browser to come back');
    ringing.waiting = call.setTimer(() => {
      this.#userDone(ringing, notRegistered(ringing.user));
    }, context.reconnectMs);
  }

  #userDone(ringing: Ringing, end: EndReason): void {
    if (this.#settled || ringing.done) return;
    ringing.done = true;
    ringing.end = end;
    ringing.stop();
    if (this.#users.some(({ done }) => !done)) return;
    const best = this.#users.reduce<EndReason | undefined>(
      (told, one) => (one.end === undefined ? told : moreTelling(told, one.end)),
      undefined,
    );
    this.#finish({ kind: 'refused', end: best ?? end }, best ?? end);
  }

  #finish(callout: Callout, reason: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#timer?.cancel();
    for (const ringing of this.#users) {
      ringing.stop();
      ringing.waiting?.cancel();
      ringing.abort.abort(reason);
    }
    this.#settle(callout);
  }
}

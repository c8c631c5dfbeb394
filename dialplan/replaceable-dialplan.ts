import type { Dialplan, Plan, PlanCaller } from './plan.js';

/** A dialplan that can be exchanged while calls are made; a call goes by the plan in force when it was dialled. */
export class ReplaceableDialplan implements Dialplan {
  #current: Dialplan;

  constructor(first: Dialplan) {
    this.#current = first;
  }

  replace(next: Dialplan): void {
    this.#current = next;
  }

  plan(dialled: string, caller: PlanCaller): Plan {
    return this.#current.plan(dialled, caller);
  }
}

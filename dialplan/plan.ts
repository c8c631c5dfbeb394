import type { Origin } from './dialplan-config.js';

/** What the dialplan says about one dialled number. Pure data; nothing here touches SIP or the network. */

export interface PlanCaller {
  /** AOR user of the caller; empty when the call comes from no user. */
  user: string;
  /** Default `user`. */
  origin?: Origin | undefined;
  /** Site key, for calls from a click-to-call widget. */
  site?: string | undefined;
  /** When it is dialled, ms since the Unix epoch; now when absent. */
  at?: number | undefined;
}

/** One way to the called party, in the order in which they are tried. */
export interface PlannedRoute {
  /** Name of a trunk in the configuration. */
  trunk: string;
  /** What the trunk is asked for: E.164 with `+`, or a short code as dialled. */
  number: string;
  /** What the trunk's rate deck asks per minute; absent when no deck decided. */
  ratePerMinute?: number;
  /** Routes next to each other with the same value share the calls by the weights of their trunks; others keep their order. */
  spread?: string | undefined;
}

/** `when` of a refusal: stable words, one per kind of refusal. */
type RefusalCode = 'CL_DIAL_INVALID_NUMBER' | 'CL_DIAL_NO_ROUTE' | 'CL_DIAL_FORBIDDEN';

export interface RoutePlan {
  kind: 'route';
  /** The number in its normal form: E.164 with `+`, or the short code. */
  number: string;
  /** Name of the rule that decided. */
  rule: string;
  /** Never empty. */
  routes: readonly PlannedRoute[];
  /** True for emergency numbers: limits that protect the operator do not hold for them. */
  emergency?: true;
}

interface RefusalPlan {
  kind: 'refuse';
  code: RefusalCode;
  sipStatus: number;
  /** One sentence that names the deciding rule or the defect of the number. */
  sentence: string;
  rule: string | undefined;
}

export type Plan = RoutePlan | RefusalPlan;

export interface Dialplan {
  /** `dialled` as the user typed it or as it stands in the request-URI. Never throws. */
  plan(dialled: string, caller: PlanCaller): Plan;
}

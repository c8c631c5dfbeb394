import type { Dialplan, Plan, PlanCaller, RoutePlan } from './plan.js';

/** One number and where it is expected to go. */
export interface PlanTest {
  dial: string;
  /** The calling user. */
  from?: string;
  origin: NonNullable<PlanCaller['origin']>;
  site?: string;
  /** When it is dialled, ms since the Unix epoch; now when absent. */
  at?: number;
  expect: {
    /** Trunks in the order in which they are tried. */
    trunks?: readonly string[];
    /** What the first trunk is asked for. */
    number?: string;
    rule?: string;
    /** True: some rule refuses the number. */
    refused?: boolean;
  };
}

/** Runs the tests of a dialplan; gives a sentence for each that fails, with its place in the list from 0. */
export function runPlanTests(
  dialplan: Dialplan,
  tests: readonly PlanTest[],
): { index: number; sentence: string }[] {
  return tests.flatMap((test, index) => {
    const { dial, from = '', origin, site, at, expect } = test;
    const plan = dialplan.plan(dial, { user: from, origin, site, at });
    const wrong = difference(plan, expect);
    const who = from === '' ? dial : `${dial} from ${from}`;
    return wrong === undefined ? [] : [{ index, sentence: `${who}: ${wrong}` }];
  });
}

function difference(plan: Plan, expected: PlanTest['expect']): string | undefined {
  if (plan.kind === 'refuse') {
    if (expected.refused !== true) return `expected a route, but it is refused: ${plan.sentence}`;
    return wrongRule(plan, expected);
  }
  if (expected.refused === true)
    return `expected a refusal, but the rule ${plan.rule} routes it over ${trunksOf(plan)}`;
  return wrongRule(plan, expected) ?? wrongRoute(plan, expected);
}

function wrongRule({ rule }: Plan, expected: PlanTest['expect']): string | undefined {
  if (expected.rule === undefined || rule === expected.rule) return undefined;
  return `expected the rule ${expected.rule}, but ${rule ?? 'no rule'} decides`;
}

function wrongRoute(plan: RoutePlan, { trunks, number }: PlanTest['expect']): string | undefined {
  const over = trunksOf(plan);
  if (trunks !== undefined && over !== trunks.join(', '))
    return `expected the trunks ${trunks.join(', ')}, but it goes over ${over}`;
  const [first] = plan.routes;
  if (number !== undefined && first?.number !== number)
    return `expected to be called as ${number}, but it is ${first?.number ?? 'nothing'}`;
  return undefined;
}

function trunksOf(plan: RoutePlan): string {
  return plan.routes.map(({ trunk }) => trunk).join(', ');
}

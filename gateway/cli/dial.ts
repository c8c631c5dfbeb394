import type { Explanation } from '../../dialplan/create-dialplan.js';
import type { PlanCaller, PlannedRoute, RoutePlan } from '../../dialplan/plan.js';
import { trunkOf } from '../app-settings.js';
import { buildDialplan } from '../build-dialplan.js';
import { loadConfig } from '../config/load.js';
import type { CopperlineConfig } from '../config/schema.js';
import { addressInvite } from '../trunks/trunk-request.js';
import { EXIT, type ExitCode, type Output } from './output.js';

export interface DialQuestion {
  number: string;
  /** The calling user. */
  from: string;
  /** When it is dialled, ms since the Unix epoch; now when absent. */
  at: number | undefined;
  /** The demo's dialplan when absent. */
  configFile: string | undefined;
}

/**
 * `dial NUMBER --from USER`: explains where a call would go, and why. Nothing is called.
 * @throws ConfigError
 */
export async function explainDial(question: DialQuestion, output: Output): Promise<ExitCode> {
  const loaded = await loadConfig({ file: question.configFile });
  const { config } = loaded;
  const users = config.users.map(({ name }) => name);
  if (!users.includes(question.from)) {
    output.fail(`There is no user ${question.from}; there are ${users.join(', ') || 'none'}.\n`);
    return EXIT.usage;
  }
  const caller: PlanCaller = { user: question.from, at: question.at };
  const explanation = (await buildDialplan(loaded)).explain(question.number, caller);
  output.write([...reasons(explanation), ...verdict(explanation, config)].join('\n') + '\n');
  return explanation.plan.kind === 'route' ? EXIT.ok : EXIT.no;
}

function reasons({ dialled, caller, reading, considered, rates }: Explanation): string[] {
  return [
    `${caller.user} dials ${dialled}`,
    `  ${reading}`,
    ...considered.map(
      ({ name, kind, outcome, why }) =>
        `  ${outcome === 'decided' || outcome === 'rewritten' ? '->' : '  '} ${kind} ${name}: ${why}`,
    ),
    ...rates.map((line) => `     rate: ${line}`),
  ];
}

function verdict({ plan, caller }: Explanation, config: CopperlineConfig): string[] {
  if (plan.kind === 'refuse') {
    return [`Refused with SIP ${plan.sipStatus} (${plan.code}): ${plan.sentence}`];
  }
  return plan.routes.flatMap((route, index) => [
    `${index === 0 ? 'Called' : 'Else'} over ${route.trunk} as ${route.number}${price(route)}`,
    ...invite({ route, plan }, caller, config),
  ]);
}

function price({ ratePerMinute }: PlannedRoute): string {
  return ratePerMinute === undefined ? '' : ` for ${ratePerMinute} per minute`;
}

/** What the carrier would read. Values of added headers stay out: they may be secrets. */
function invite(
  { route, plan }: { route: PlannedRoute; plan: RoutePlan },
  { user }: PlanCaller,
  config: CopperlineConfig,
): string[] {
  const trunk = config.trunks.find(({ name }) => name === route.trunk);
  const account = config.users.find(({ name }) => name === user);
  if (trunk === undefined) return [];
  const { displayName, callerId } = account ?? {};
  const caller = { user, displayName, callerId };
  const { uri, from, nextHop, headers } = addressInvite(trunkOf(trunk), route.number, caller);
  const named = from.displayName === undefined ? '' : `"${from.displayName}" `;
  const added = Object.keys(headers);
  return [
    `       INVITE ${uri}${plan.emergency === true ? ' (emergency)' : ''}`,
    `       From: ${named}<${from.uri}>`,
    ...(nextHop === undefined ? [] : [`       sent to ${nextHop}`]),
    ...(added.length === 0 ? [] : [`       with ${added.join(', ')}`]),
  ];
}

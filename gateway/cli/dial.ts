import { createDialplan, type Explanation } from '../../dialplan/create-dialplan.js';
import type { Plan } from '../../dialplan/plan.js';
import { loadConfig } from '../config/load.js';
import { EXIT, type ExitCode, type Output } from './output.js';

export interface DialQuestion {
  number: string;
  /** The calling user. */
  from: string;
  /** The demo's dialplan when absent. */
  configFile: string | undefined;
}

/**
 * `dial NUMBER --from USER`: explains where a call would go, and why. Nothing is called.
 * @throws ConfigError
 */
export async function explainDial(question: DialQuestion, output: Output): Promise<ExitCode> {
  const { config } = await loadConfig({ file: question.configFile });
  const users = config.users.map(({ name }) => name);
  if (!users.includes(question.from)) {
    output.fail(`There is no user ${question.from}; there are ${users.join(', ') || 'none'}.\n`);
    return EXIT.usage;
  }
  const dialplan = createDialplan(config.dialplan);
  const explanation = dialplan.explain(question.number, { user: question.from });
  output.write(print(explanation).join('\n') + '\n');
  return explanation.plan.kind === 'route' ? EXIT.ok : EXIT.no;
}

function print({ dialled, caller, reading, considered, plan }: Explanation): string[] {
  return [
    `${caller.user} dials ${dialled}`,
    `  ${reading}`,
    ...considered.map(
      ({ name, kind, outcome, why }) =>
        `  ${outcome === 'decided' ? '->' : '  '} ${kind} ${name}: ${why}`,
    ),
    ...verdict(plan),
  ];
}

function verdict(plan: Plan): string[] {
  if (plan.kind === 'refuse') {
    return [`Refused with SIP ${plan.sipStatus} (${plan.code}): ${plan.sentence}`];
  }
  return plan.routes.map(
    ({ trunk, number }, index) => `${index === 0 ? 'Called' : 'Else'} over ${trunk} as ${number}`,
  );
}

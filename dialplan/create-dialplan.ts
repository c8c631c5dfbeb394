import { isSupportedCountry, type CountryCode } from 'libphonenumber-js';
import type { DialplanConfig } from './dialplan-config.js';
import { bareNumber, normalise } from './normalise.js';
import type { Dialplan, Plan, PlanCaller } from './plan.js';
import { RuleBook, type ConsideredRule, type RuleChoice } from './rules.js';

/** Why a number goes where it goes. */
export interface Explanation {
  dialled: string;
  caller: PlanCaller;
  /** How the number was understood; one sentence. */
  reading: string;
  /** The rules in the order in which they were looked at, up to the one that decided. */
  considered: readonly ConsideredRule[];
  plan: Plan;
}

/** A dialplan that can say why; `plan` of both is the same. */
export interface ExplainingDialplan extends Dialplan {
  /** Never throws. */
  explain(dialled: string, caller: PlanCaller): Explanation;
}

/**
 * Short codes first, exactly as dialled; then the number in E.164 as if dialled in the home country, and
 * the rule with the longest prefix.
 * @throws RangeError when the country is unknown; gateway/config refuses such a setting before
 */
export function createDialplan(config: DialplanConfig): ExplainingDialplan {
  const { country } = config;
  if (!isSupportedCountry(country)) throw new RangeError(`unknown country ${country}`);
  const book = new RuleBook(config);
  const explain = (dialled: string, caller: PlanCaller): Explanation => ({
    dialled,
    caller,
    ...decide({ book, country }, bareNumber(dialled), caller),
  });
  return { explain, plan: (dialled, caller) => explain(dialled, caller).plan };
}

type Decision = Pick<Explanation, 'reading' | 'considered' | 'plan'>;

function decide(
  { book, country }: { book: RuleBook; country: CountryCode },
  bare: string,
  caller: PlanCaller,
): Decision {
  if (book.isShortCode(bare)) {
    const choice = book.chooseForShortCode(bare, caller);
    return {
      reading: `${bare} is a short code.`,
      considered: choice.considered,
      plan: planOf(bare, caller, choice),
    };
  }
  const normalised = normalise(bare, country);
  if (normalised.kind === 'defect') {
    const { sipStatus, sentence } = normalised;
    const code = 'CL_DIAL_INVALID_NUMBER';
    return {
      reading: sentence,
      considered: [],
      plan: { kind: 'refuse', code, sipStatus, sentence, rule: undefined },
    };
  }
  const choice = book.chooseForNumber(normalised.number, caller);
  return {
    reading: `Dialled in ${country}, the number is ${normalised.number}.`,
    considered: choice.considered,
    plan: planOf(normalised.number, caller, choice),
  };
}

function planOf(number: string, caller: PlanCaller, choice: RuleChoice): Plan {
  const { rule: chosen, considered } = choice;
  if (chosen === undefined) {
    const closed = considered.find(
      ({ kind, outcome }) => kind === 'route' && outcome === 'other-caller',
    );
    if (closed === undefined) {
      const sentence = `No rule of the dialplan has a route for ${number}.`;
      return {
        kind: 'refuse',
        code: 'CL_DIAL_NO_ROUTE',
        sipStatus: 404,
        sentence,
        rule: undefined,
      };
    }
    const sentence = `The rule ${closed.name} has a route for ${number}, but not for ${caller.user}.`;
    return forbidden(closed.name, sentence);
  }
  const { name } = chosen.rule;
  if (chosen.kind === 'refuse') {
    return forbidden(name, `The rule ${name} refuses ${number}: ${chosen.rule.reason}`);
  }
  const routes = chosen.rule.trunks.map((trunk) => ({ trunk, number }));
  return { kind: 'route', number, rule: name, routes };
}

function forbidden(rule: string, sentence: string): Plan {
  return { kind: 'refuse', code: 'CL_DIAL_FORBIDDEN', sipStatus: 403, sentence, rule };
}

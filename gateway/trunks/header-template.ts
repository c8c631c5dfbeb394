import { printable } from '../signaling/sip-text.js';

/** What a template may name. */
export interface TemplateFacts {
  /** AOR user of the caller. */
  'caller.user': string;
  /** As the trunk is shown it; empty without one. */
  'caller.number': string;
  'called.number': string;
  trunk: string;
}

const PLACEHOLDER = /\{([a-z.]+)\}/g;

/** Fills `{caller.number}` and the like in; everything else, and every control character out of a fact, stays text. Pure. */
export function fillTemplate(template: string, facts: TemplateFacts): string {
  return template.replace(PLACEHOLDER, (text, name: string) =>
    Object.hasOwn(facts, name) ? printable(facts[name as keyof TemplateFacts]) : text,
  );
}

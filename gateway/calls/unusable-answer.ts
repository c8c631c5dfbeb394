import { CopperlineError, toCopperlineError } from '../kernel/errors.js';
import { describeParty, type CallParty } from './call-party.js';

/** A trunk is told apart from a browser in what is wrong with an answer. */
export function badAnswerCode<Code extends 'CL_TRUNK_NO_SDP' | 'CL_TRUNK_BAD_SDP'>(
  party: CallParty,
  code: Code,
): Code | 'CL_CALL_BAD_ANSWER' {
  return party.kind === 'browser' ? 'CL_CALL_BAD_ANSWER' : code;
}

/** What is wrong with the callee's SDP is no fault of the caller, who would read it as one of their own. */
export function unusableAnswer(thrown: unknown, party: CallParty): CopperlineError {
  const error = toCopperlineError(thrown, 'CL_INTERNAL');
  if (error.bucket !== 'client') return error;
  const sentence = `The answer of the ${describeParty(party)} cannot be used. ${error.sentence}`;
  return new CopperlineError(badAnswerCode(party, 'CL_TRUNK_BAD_SDP'), { sentence, cause: error });
}

import type { CopperlineError } from '../../kernel/errors.js';
import type { DigitExchange } from '../dtmf/digit-exchange.js';
import type { LegName, LegPolicy, Rejection } from '../media-engine.js';
import { createLink } from './create-link.js';
import type { Side } from './exchange.js';
import { MediaLeg } from './media-leg.js';
import type { RelaySessionOptions } from './session-options.js';

interface NewSide {
  name: LegName;
  policy: LegPolicy;
  calledWith: string | undefined;
  digits: DigitExchange;
  onConnected: () => void;
  onFailed: (error: CopperlineError) => void;
  onRejected: (rejection: Rejection) => void;
}

/** A leg of a session that has no peer yet. */
export function createSide(
  { resources, callId, pipeOf, ownCertificate, prompts }: RelaySessionOptions,
  side: NewSide,
): Side {
  const { name, policy, calledWith, digits, onConnected, onFailed, onRejected } = side;
  const leg = new MediaLeg({
    ...{ name, policy, clock: resources.clock, nextDigitId: digits.nextId, onRejected },
    onDigit: (from, event) => {
      digits.heard(from, event);
    },
  });
  const link = createLink(
    { resources, callId, leg, onConnected, onFailed, ownCertificate: ownCertificate === true },
    pipeOf?.(name),
  );
  prompts?.adopt(leg);
  return { leg, link, calledWith, remote: undefined };
}

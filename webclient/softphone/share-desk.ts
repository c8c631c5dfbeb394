import type { Call, RegistrationState } from '../phone/phone-types.js';
import type { CallDesk } from './call-desk.js';
import type { CallLine } from './call-line.js';
import type { KeptCall } from './kept-calls.js';
import type { SharedLine, SharedState } from './shared-state.js';

/** What of the model other tabs are told. */
export interface Shareable {
  readonly desk: CallDesk;
  readonly registration: RegistrationState;
  nameOf(call: Pick<Call, 'remote'>): string;
}

/** How the phone is now, as data that can be sent to another tab. */
export function shareDesk(model: Shareable): SharedState {
  const { lines, shown } = model.desk;
  const all = shown === undefined || lines.includes(shown) ? lines : [shown, ...lines];
  return {
    registration: model.registration.name,
    lines: all.map((line) => shareLine(line, model.nameOf(line.call))),
    shown: shown?.id,
  };
}

function shareLine(line: CallLine, name: string): SharedLine {
  const { id, direction, call, digits, received, quality } = line;
  const { number, muted, held, remoteHeld } = call;
  const { verified } = call.remote;
  return {
    ...{ id, direction, number, name, verified, state: line.state },
    ...{ muted, held, remoteHeld, digits, received, quality },
  };
}

/** What must outlive a reload or a change of the tab, of the calls that are up. */
export function keptOf({ lines }: { lines: readonly (SharedLine | CallLine)[] }): KeptCall[] {
  return lines.flatMap((line) => {
    const { state, direction } = line;
    if (state.name !== 'in-call') return [];
    const { number, muted, held } = 'call' in line ? line.call : line;
    return [{ number, direction, answeredAt: state.answeredAt, muted, held }];
  });
}

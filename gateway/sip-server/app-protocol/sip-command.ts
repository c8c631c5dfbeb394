import type { Application, ApplicationCommands, CommandOutcome } from '../dialog/application.js';
import { parseDraft } from './draft.js';
import type { Frame } from './frame.js';
import { outcomeFrame } from './frame-shapes.js';

export interface SipCommandContext {
  application: Application;
  commands: ApplicationCommands;
  now(): number;
}

/**
 * Runs one `sip` frame: a response to a transaction, a request inside a dialog, a CANCEL, or a request outside
 * dialogs, told apart by the start line and by which of the two ids is there.
 * Returns the sentence to refuse the frame (and its sender) with; undefined when it could be understood.
 */
export function runSipCommand(
  context: SipCommandContext,
  frame: Frame,
  write: (bytes: Buffer) => void,
): string | undefined {
  const [transactionId, dialogId, routeUrl] = frame.tokens;
  const parsed = frame.message === undefined ? undefined : parseDraft(frame.message);
  if (transactionId === undefined || dialogId === undefined || parsed === undefined)
    return 'Invalid message format';
  const { application, commands } = context;
  const answer = (outcome: CommandOutcome): void => {
    write(outcomeFrame(frame.id, outcome, context.now()));
  };
  if (parsed.kind === 'response') {
    if (transactionId === '') return 'transaction id missing';
    answer(commands.respond(application, transactionId, parsed.draft));
  } else if (dialogId !== '') {
    commands.requestInDialog(application, { draft: parsed.draft, dialogId }, answer);
  } else if (transactionId === '') {
    const route = routeUrl === '' ? undefined : routeUrl;
    commands.request(application, { draft: parsed.draft, routeUrl: route }, answer);
  } else if (parsed.draft.method === 'CANCEL') {
    answer(commands.cancel(application, transactionId, parsed.draft));
  } else return 'Invalid message format';
  return undefined;
}

import type { SipCommandContext } from './sip-command.js';
import { parseDraft } from './draft.js';
import type { Frame } from './frame.js';
import { proxyFrame } from './frame-shapes.js';
import { proxyTimeout } from './proxy-timeout.js';

const TOO_LITTLE = 'Invalid proxy request: not enough information provided';

/**
 * Runs one `proxy` frame:
 * `<txn>|remainInDialog|fullResponse|followRedirects|simultaneous or serial|<provisional>|<final>|<uri>[|<uri>...]`.
 * Returns the sentence to refuse the frame (and its sender) with; undefined when it could be understood.
 */
export function runProxyCommand(
  context: SipCommandContext,
  frame: Frame,
  write: (bytes: Buffer) => void,
): string | undefined {
  const [transactionId, remain, full, follow, forking, provisional, final, ...uris] = frame.tokens;
  const targets = uris.filter((uri) => uri !== '');
  if (transactionId === undefined || targets.length === 0) return TOO_LITTLE;
  const parsed = frame.message === undefined ? undefined : parseDraft(frame.message);
  const fullResponse = full === 'fullResponse';
  let over = false;
  context.commands.proxy(
    context.application,
    {
      transactionId,
      plan: {
        targets,
        remainInDialog: remain === 'remainInDialog',
        followRedirects: follow === 'followRedirects',
        simultaneous: forking === 'simultaneous',
        provisionalTimeoutMs: proxyTimeout(provisional),
        finalTimeoutMs: proxyTimeout(final),
        headers: parsed?.kind === 'request' ? parsed.draft.headers : [],
      },
    },
    (report) => {
      const bytes = proxyFrame({ messageId: frame.id, fullResponse }, report, context.now());
      if (bytes === undefined || over) return;
      // The last frame that the client listens for.
      over = report.kind !== 'response';
      write(bytes);
    },
  );
  return undefined;
}

import type { SipReply } from './sip-request.js';
import { refusalReply } from './replies.js';

/** Option tags of what the gateway and the SIP servers below it do: RFC 3262, RFC 4028, RFC 4488. */
const SUPPORTED: ReadonlySet<string> = new Set(['100rel', 'timer', 'norefersub']);
/** RFC 3261 section 8.2.2.3 takes ACK and CANCEL out; a call must end whatever its BYE asks for. */
const EXEMPT: ReadonlySet<string> = new Set(['ACK', 'CANCEL', 'BYE', 'PRACK']);

/** The 420 to a request that requires what nobody here does; undefined when all of it is known. */
export function extensionRefusal(request: {
  method: string;
  get(name: string): string | undefined;
}): SipReply | undefined {
  if (EXEMPT.has(request.method)) return undefined;
  const unknown = (request.get('Require') ?? '')
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '' && !SUPPORTED.has(tag.toLowerCase()));
  if (unknown.length === 0) return undefined;
  const list = unknown.join(', ');
  return refusalReply({
    status: 420,
    code: 'CL_SIP_EXTENSION_UNKNOWN',
    sentence: `The request requires the extension ${list}, which the gateway does not have.`,
    headers: { Unsupported: list },
  });
}

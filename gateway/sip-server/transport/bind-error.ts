import { CopperlineError } from '../../kernel/errors.js';
import { bracketHost } from '../message/host-port.js';
import type { NetworkAddress } from './transport.js';

/** Why a SIP port could not be opened, as a sentence. */
export function bindError(
  protocol: 'UDP' | 'TCP',
  bind: NetworkAddress,
  error: unknown,
): CopperlineError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  const where = `${bracketHost(bind.host)}:${bind.port}`;
  const what = code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be bound (${code})`;
  return new CopperlineError('CL_START_PORT_IN_USE', {
    sentence: `The ${protocol} address ${where} for SIP ${what}.`,
    cause: error,
  });
}

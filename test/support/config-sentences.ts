import { ConfigError } from '../../gateway/config/config-error.js';
import { checkConfig } from '../../gateway/config/parse.js';
import type { ConfigInput } from '../../gateway/config/schema.js';

export const user = (name: string) => ({ name, password: 'long-enough' });
export const trunk = (name: string) => ({ name, host: 'carrier.localhost' });

/** What is wrong with settings that were fine before `change`, a sentence each. */
export function sentences(change: Partial<ConfigInput>): string[] {
  const input: ConfigInput = {
    sip: { domain: 'example.org' },
    users: [user('alice'), user('bob')],
    trunks: [trunk('carrier'), trunk('backup')],
    dialplan: { country: 'DE' },
    ...change,
  };
  try {
    checkConfig(input, { source: 'test', written: input, lineOf: () => undefined });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError) || error.code !== 'CL_CONFIG_INVALID') throw error;
    return error.problems.map(({ path, sentence }) => `${path}: ${sentence}`);
  }
}

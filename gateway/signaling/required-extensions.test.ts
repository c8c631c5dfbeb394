import { expect, it } from 'vitest';
import { extensionRefusal } from './required-extensions.js';

const request = (method: string, require?: string) => ({ method, get: () => require });

it('refuses a request for the extensions that nobody here does, by name', () => {
  const refusal = extensionRefusal(request('INVITE', '100rel, x-holo,Timer , replaces-all'));
  expect(refusal?.status).toBe(420);
  expect(refusal?.headers).toMatchObject({
    Unsupported: 'x-holo, replaces-all',
    'X-Copperline-Code': 'CL_SIP_EXTENSION_UNKNOWN',
  });
});

it.each([
  ['INVITE', undefined],
  ['INVITE', ''],
  ['UPDATE', '100rel, timer'],
  ['ACK', 'x-holo'],
  ['BYE', 'x-holo'],
])('lets %s pass that requires %s', (method, require) => {
  expect(extensionRefusal(request(method, require))).toBeUndefined();
});

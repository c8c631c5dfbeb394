// Copies what the compiler leaves behind: the prompts of the demo carrier, next to the code that reads them.
import { cp, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
const from = fileURLToPath(new URL('gateway/demo/prompts/', root));
const to = fileURLToPath(new URL('dist/gateway/demo/prompts/', root));

const prompts = (await readdir(from)).filter((name) => name.endsWith('.ul'));
for (const name of prompts) await cp(`${from}${name}`, `${to}${name}`);

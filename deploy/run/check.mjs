// `npm run check`: what has to be green before every commit. Needs an installed tree.
import { mustRun, say } from './process.mjs';
import { staticChecks } from './static-checks.mjs';

const red = (await staticChecks()).filter(([, ok]) => !ok).map(([name]) => name);
try {
  await mustRun('npm', ['run', '--silent', 'test:unit']);
} catch (error) {
  red.push(error.message);
}
if (red.length > 0) say(`failed: ${red.join(', ')}`);
process.exitCode = red.length === 0 ? 0 : 1;

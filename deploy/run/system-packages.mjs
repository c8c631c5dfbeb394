import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run, say } from './process.mjs';

/** Programs that the tests drive, with the Debian package that has each. */
const PROGRAMS = [
  { program: 'chromium', debian: 'chromium', for: 'end-to-end tests in a real browser' },
  { program: 'firefox-esr', debian: 'firefox-esr', for: 'end-to-end tests in a second browser' },
  { program: 'openssl', debian: 'openssl', for: 'tests over TLS' },
  { program: 'sipp', debian: 'sip-tester', for: 'interop tests with a foreign SIP stack' },
  { program: 'baresip', debian: 'baresip-core', for: 'interop tests with a real SIP phone' },
  {
    program: 'rtpengine',
    debian: 'rtpengine-daemon',
    for: 'tests of the rtpengine media engine',
  },
  { program: 'turnserver', debian: 'coturn', for: 'tests of browsers behind a TURN server' },
  { program: 'espeak-ng', debian: 'espeak-ng', for: 'digits that are not to be heard in speech' },
  { program: 'sox', debian: 'sox', for: 'speech at the rate of a telephone' },
];

export function isInstalled(program) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.some((folder) => existsSync(join(folder, program)));
}

/**
 * Installs the programs that are missing when this is root on Debian; else names the command.
 * Returns the names of the programs that are still missing.
 */
export async function ensureSystemPackages() {
  const missing = PROGRAMS.filter(({ program }) => !isInstalled(program));
  if (missing.length === 0) return [];
  const packages = missing.map(({ debian }) => debian);
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    say(`installing ${packages.join(', ')} for the tests ...`);
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '-qq'], { quiet: true, env });
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      quiet: true,
      env,
    });
  }
  const still = missing.filter(({ program }) => !isInstalled(program));
  for (const { program, for: purpose } of still) {
    say(`${program} is missing (${purpose}); install it with: sudo ${command}`);
  }
  return still.map(({ program }) => program);
}

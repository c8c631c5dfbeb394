import { parseArgs } from 'node:util';
import { checkConfigFile } from './cli/check-config.js';
import { explainDial } from './cli/dial.js';
import { EXIT, type Output } from './cli/output.js';
import { readVersion } from './cli/version.js';
import { CopperlineError } from './kernel/errors.js';

const USAGE = `copperline COMMAND

  start [FILE]                            run the gateway; without a file, the demo on this machine
  check-config FILE                       check a configuration file and say what it sets up
  dial NUMBER --from USER [--config FILE] [--at TIME]
                                          explain where a call would go (at 2026-01-31T08:00Z), without calling
  doctor FILE [--trunk NAME] [--number N] look for what keeps a trunk from working, without calling
  version                                 print the version
  help                                    print this

Exit code: 0 done; 1 the file or a trunk has problems, the number is refused, the gateway cannot start; 2 not understood.
`;

/** A command line that is not understood; the message is for the user. */
class UsageError extends Error {}

interface Arguments {
  positionals: string[];
  from: string | undefined;
  config: string | undefined;
  at: string | undefined;
  trunk: string | undefined;
  number: string | undefined;
}

type Command = (given: Arguments, output: Output) => Promise<number>;

const COMMANDS: Readonly<Record<string, Command>> = {
  start: async (given) => {
    const [configFile] = positionals(given, {
      min: 0,
      max: 1,
      what: 'start takes one file at most',
    });
    // The gateway loads native code, which the other commands do not need.
    const { runGateway } = await import('./main.js');
    return runGateway({ configFile });
  },
  'check-config': (given, output) => {
    const [file = ''] = positionals(given, { min: 1, max: 1, what: 'check-config needs one file' });
    return checkConfigFile(file, output);
  },
  dial: (given, output) => {
    const [number = ''] = positionals(given, { min: 1, max: 1, what: 'dial needs one number' });
    if (given.from === undefined) throw new UsageError('dial needs --from USER');
    const at = given.at === undefined ? undefined : Date.parse(given.at);
    if (Number.isNaN(at)) throw new UsageError('--at needs a time such as 2026-01-31T08:00:00Z');
    return explainDial({ number, from: given.from, at, configFile: given.config }, output);
  },
  doctor: async (given, output) => {
    const [configFile = ''] = positionals(given, { min: 1, max: 1, what: 'doctor needs one file' });
    const { trunk, number } = given;
    if (number !== undefined && !/^\+\d{3,15}$/.test(number))
      throw new UsageError('--number wants an E.164 number with +');
    const { diagnoseTrunks } = await import('./cli/doctor.js');
    return diagnoseTrunks({ configFile, trunk, number }, output);
  },
  version: (_given, output) => say(output, `${readVersion()}\n`),
  help: (_given, output) => say(output, USAGE),
};

const PROCESS_OUTPUT: Output = {
  write: (text) => void process.stdout.write(text),
  fail: (text) => void process.stderr.write(text),
};

/**
 * Runs one command and resolves with the process's exit code. Never rejects: what goes wrong becomes a
 * sentence, and a stack trace only when it is a bug.
 */
export async function runCli(args: readonly string[], output = PROCESS_OUTPUT): Promise<number> {
  try {
    const [name = 'help', ...rest] = args;
    const command = Object.hasOwn(COMMANDS, plainName(name))
      ? COMMANDS[plainName(name)]
      : undefined;
    if (command === undefined) throw new UsageError(`there is no command ${name}`);
    return await command(readArguments(rest), output);
  } catch (error) {
    return report(error, output);
  }
}

/** `--help`, `-h`, `--version` are commands to many hands. */
function plainName(name: string): string {
  return name === '-h' ? 'help' : name.replace(/^--(?=help$|version$)/, '');
}

function readArguments(args: string[]): Arguments {
  const text = { type: 'string' } as const;
  const options = { from: text, config: text, at: text, trunk: text, number: text };
  try {
    const { values, positionals: rest } = parseArgs({ args, options, allowPositionals: true });
    const { from, config, at, trunk, number } = values;
    return { positionals: rest, from, config, at, trunk, number };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function positionals(
  given: Arguments,
  { min, max, what }: { min: number; max: number; what: string },
): string[] {
  const { length } = given.positionals;
  if (length < min || length > max) throw new UsageError(what);
  return given.positionals;
}

function say(output: Output, text: string): Promise<number> {
  output.write(text);
  return Promise.resolve(EXIT.ok);
}

function report(error: unknown, output: Output): number {
  if (error instanceof UsageError) {
    output.fail(`${error.message}\n\n${USAGE}`);
    return EXIT.usage;
  }
  if (error instanceof CopperlineError) {
    output.fail(`${error.sentence}\n`);
    return EXIT.no;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  output.fail(`Copperline failed because of a bug (CL_INTERNAL). Please report this:\n${detail}\n`);
  return EXIT.no;
}

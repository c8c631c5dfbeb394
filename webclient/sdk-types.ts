import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

/**
 * Writes the type declarations of a module and of what its declarations name, and nothing else: types of sip.js are not part of the SDK.
 * @throws Error when the module does not compile
 */
export function writeTypes({ entry, into }: { entry: string; into: string }): void {
  const root = dirname(entry);
  const declarations = emit(entry);
  const wanted = [entry.replace(/\.ts$/, '.d.ts')];
  // Grows while it is walked.
  for (const file of wanted) {
    const text = declarations.get(file);
    if (text === undefined) throw new Error(`There is no declaration of ${file}.`);
    for (const [, name = ''] of text.matchAll(/from ["'](\.[^"']*)\.js["']/g)) {
      const named = join(dirname(file), `${name}.d.ts`);
      if (!wanted.includes(named)) wanted.push(named);
    }
    const target = join(into, relative(root, file));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
}

/** By path of the declaration file, which is not written. */
function emit(entry: string): Map<string, string> {
  const config = join(dirname(dirname(entry)), 'tsconfig.json');
  const parsed = ts.getParsedCommandLineOfConfigFile(
    config,
    { noEmit: false, declaration: true, emitDeclarationOnly: true, removeComments: false },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: fail },
  );
  const program = ts.createProgram([entry], parsed?.options ?? {});
  const declarations = new Map<string, string>();
  const { diagnostics } = program.emit(undefined, (file, text) => declarations.set(file, text));
  const [first] = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (first !== undefined) fail(first);
  return declarations;
}

function fail({ messageText, file }: ts.Diagnostic): never {
  const text = ts.flattenDiagnosticMessageText(messageText, '\n');
  throw new Error(`${file?.fileName ?? 'The SDK'}: ${text}`);
}

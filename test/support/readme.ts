import { readFile } from 'node:fs/promises';

/** The code that people copy out of webclient/README.md. */
export class Readme {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  static async read(): Promise<Readme> {
    return new Readme(await readFile('webclient/README.md', 'utf8'));
  }

  /**
   * A fenced block below a heading of the second level.
   * @param heading how it begins
   * @param language of the fence
   * @param index among the blocks of that language there
   */
  snippet(heading: string, language: string, index = 0): string {
    const sections = this.#text.split(/^## /m);
    const section = sections.find((text) => text.startsWith(heading)) ?? '';
    const blocks = [...section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)];
    const [, , code] = blocks.filter(([, name]) => name === language)[index] ?? [];
    if (code === undefined)
      throw new Error(`webclient/README.md has no ${language} block ${index} below "${heading}".`);
    return code;
  }

  /** The first match of the pattern's group in the whole text. */
  find(pattern: RegExp): string {
    const found = pattern.exec(this.#text)?.[1];
    if (found === undefined) throw new Error(`webclient/README.md has no ${String(pattern)}.`);
    return found;
  }
}

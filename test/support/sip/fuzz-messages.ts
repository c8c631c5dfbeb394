import { readdirSync, readFileSync } from 'node:fs';
import { MUTATIONS } from './mutations.js';
import { SeededRandom } from './seeded-random.js';

const VECTORS = new URL('../../vectors/', import.meta.url);
const FOLDERS = ['rfc4475', 'rfc5118', 'clients', 'findings'] as const;
/** The largest UDP payload. */
const MAX_BYTES = 65_507;

function readAll(folder: string): Buffer[] {
  const where = new URL(`${folder}/`, VECTORS);
  return readdirSync(where)
    .sort()
    .map((name) => readFileSync(new URL(name, where)));
}

/** An endless row of broken messages. The same seed and index give the same message, whatever came before. */
export class FuzzMessages {
  readonly seed: number;
  readonly #corpus: readonly Buffer[] = FOLDERS.flatMap(readAll);

  constructor(seed: number) {
    this.seed = seed;
  }

  at(index: number): Buffer {
    const random = new SeededRandom(this.seed ^ Math.imul(index + 1, 0x9e3779b1));
    let bytes = this.#uniqueBranch(random.pick(this.#corpus), index);
    for (let count = 1 + random.below(3); count > 0; count--)
      bytes = this.#mutate(bytes, random).subarray(0, MAX_BYTES);
    return bytes;
  }

  #mutate(bytes: Buffer, random: SeededRandom): Buffer {
    return random.below(12) === 0
      ? this.#splice(bytes, random)
      : random.pick(MUTATIONS)(bytes, random);
  }

  /** The head of one message and the tail of another. */
  #splice(bytes: Buffer, random: SeededRandom): Buffer {
    const other = random.pick(this.#corpus);
    const tail = other.subarray(random.below(other.length));
    return Buffer.concat([bytes.subarray(0, random.below(bytes.length + 1)), tail]);
  }

  /** Or nearly all would be taken for copies of the first. */
  #uniqueBranch(bytes: Buffer, index: number): Buffer {
    const text = bytes.toString('latin1');
    const unique = `z9hG4bK${this.seed.toString(36)}.${index.toString(36)}.`;
    return Buffer.from(
      text.replace('z9hG4bK', unique).replace(/^(Call-ID|i)\s*:\s*/im, `$&${index.toString(36)}.`),
      'latin1',
    );
  }
}

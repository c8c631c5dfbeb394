/** One line of a rate deck. */
export interface Rate {
  /** Beginning of E.164 numbers: digits without `+`, 1 to 15. */
  prefix: string;
  /** Per minute, in the deck's currency. */
  ratePerMinute: number;
  /** Once per call. */
  connectionFee: number;
  /** First and last moment at which it holds, ms since the Unix epoch; -Infinity and Infinity for always. */
  effectiveFrom: number;
  effectiveUntil: number;
  /** 0 to 100; undefined: the deck's. */
  quality: number | undefined;
}

const MAX_DIGITS = 15;
const NO_QUALITY = 255;
const LOAD_FACTOR = 0.5;
/** A prefix as a number: a 1 before its digits keeps leading zeros apart; exact up to 2^53. */
const keyOf = (key: number, digit: number): number => key * 10 + digit;

/**
 * The rates of one carrier, looked up by longest prefix: an open-addressing hash of prefixes in typed arrays (17 bytes a slot, 37
 * bytes a rate), so that a deck of a million prefixes stays small and a look-up allocates nothing.
 */
export class RateTable {
  #keys: Float64Array;
  /** Index of the first rate of the prefix. */
  #first: Int32Array;
  #mask: number;
  #prefixes = 0;
  #rates = 0;
  /** Bit n: a prefix of n digits exists; lengths that do not are not probed. */
  #lengths = 0;
  #perMinute = new Float64Array(1_024);
  #fee = new Float32Array(1_024);
  #from = new Float64Array(1_024);
  #until = new Float64Array(1_024);
  #quality = new Uint8Array(1_024);
  /** The next rate of the same prefix; -1: none. */
  #next = new Int32Array(1_024);
  readonly #probes = new Float64Array(MAX_DIGITS + 1);

  /** @param expected prefixes, to spare growing */
  constructor(expected = 1_024) {
    const capacity = powerOfTwo(expected / LOAD_FACTOR);
    this.#keys = new Float64Array(capacity);
    this.#first = new Int32Array(capacity);
    this.#mask = capacity - 1;
  }

  /** Rates, several of one prefix included. */
  get size(): number {
    return this.#rates;
  }

  /** @throws RangeError for a prefix that is not 1 to 15 digits */
  add(rate: Rate): void {
    const { prefix } = rate;
    if (!/^\d{1,15}$/.test(prefix)) throw new RangeError(`the prefix ${prefix} is no prefix`);
    if (this.#prefixes >= this.#keys.length * LOAD_FACTOR) this.#growHash();
    if (this.#rates === this.#perMinute.length) this.#growRates();
    let key = 1;
    for (const digit of prefix) key = keyOf(key, Number(digit));
    const slot = this.#slot(key);
    const index = this.#rates++;
    const isNew = this.#keys[slot] === 0;
    this.#next[index] = isNew ? -1 : (this.#first[slot] ?? -1);
    if (isNew) {
      this.#keys[slot] = key;
      this.#prefixes += 1;
      this.#lengths |= 1 << prefix.length;
    }
    this.#first[slot] = index;
    this.#perMinute[index] = rate.ratePerMinute;
    this.#fee[index] = rate.connectionFee;
    this.#from[index] = rate.effectiveFrom;
    this.#until[index] = rate.effectiveUntil;
    this.#quality[index] = rate.quality ?? NO_QUALITY;
  }

  /**
   * The rate of the longest prefix of a number that holds at `at`; of several of one prefix the one that began last.
   * @param number E.164 with or without `+`
   * @returns an index for rateAt(), -1 when there is none
   */
  find(number: string, at: number): number {
    let key = 1;
    let digits = 0;
    for (let i = number.startsWith('+') ? 1 : 0; i < number.length && digits < MAX_DIGITS; i += 1) {
      const digit = number.charCodeAt(i) - 48;
      if (digit < 0 || digit > 9) break;
      key = keyOf(key, digit);
      digits += 1;
      this.#probes[digits] = key;
    }
    for (; digits > 0; digits -= 1) {
      if ((this.#lengths & (1 << digits)) === 0) continue;
      const slot = this.#slot(this.#probes[digits] ?? 0);
      if (this.#keys[slot] === 0) continue;
      const index = this.#holdingAt(this.#first[slot] ?? -1, at);
      if (index >= 0) return index;
    }
    return -1;
  }

  /** What find() found. */
  rateAt(index: number): Omit<Rate, 'prefix'> {
    const quality = this.#quality[index] ?? NO_QUALITY;
    return {
      ratePerMinute: this.#perMinute[index] ?? 0,
      connectionFee: this.#fee[index] ?? 0,
      effectiveFrom: this.#from[index] ?? 0,
      effectiveUntil: this.#until[index] ?? 0,
      quality: quality === NO_QUALITY ? undefined : quality,
    };
  }

  #holdingAt(first: number, at: number): number {
    let best = -1;
    for (let index = first; index >= 0; index = this.#next[index] ?? -1) {
      const from = this.#from[index] ?? 0;
      if (from > at || (this.#until[index] ?? 0) < at) continue;
      if (best < 0 || from > (this.#from[best] ?? 0)) best = index;
    }
    return best;
  }

  /** The slot of a key, or the free one where it belongs. */
  #slot(key: number): number {
    const low = key % 4_294_967_296;
    const high = (key - low) / 4_294_967_296;
    let slot = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
    slot = (slot ^ (slot >>> 15)) & this.#mask;
    while (this.#keys[slot] !== 0 && this.#keys[slot] !== key) slot = (slot + 1) & this.#mask;
    return slot;
  }

  #growHash(): void {
    const [keys, first] = [this.#keys, this.#first];
    this.#keys = new Float64Array(keys.length * 2);
    this.#first = new Int32Array(keys.length * 2);
    this.#mask = this.#keys.length - 1;
    keys.forEach((key, old) => {
      if (key === 0) return;
      const slot = this.#slot(key);
      this.#keys[slot] = key;
      this.#first[slot] = first[old] ?? -1;
    });
  }

  #growRates(): void {
    const length = this.#perMinute.length * 2;
    this.#perMinute = copied(new Float64Array(length), this.#perMinute);
    this.#fee = copied(new Float32Array(length), this.#fee);
    this.#from = copied(new Float64Array(length), this.#from);
    this.#until = copied(new Float64Array(length), this.#until);
    this.#quality = copied(new Uint8Array(length), this.#quality);
    this.#next = copied(new Int32Array(length), this.#next);
  }
}

function copied<Numbers extends { set(from: Numbers): void }>(to: Numbers, from: Numbers): Numbers {
  to.set(from);
  return to;
}

function powerOfTwo(atLeast: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(16, atLeast)));
}

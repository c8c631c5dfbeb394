import type { RateTable } from './rate-table.js';

/** What a carrier asks for calls. */
export interface RateDeck {
  /** Name of the trunk it is for. */
  readonly trunk: string;
  /** 0 to 100, for rates that have none of their own. */
  readonly quality: number;
  readonly rates: RateTable;
}

/** A line of a deck that cannot be used. */
export interface DeckProblem {
  /** From 1; 0 for the file as a whole. */
  line: number;
  sentence: string;
}

import type { LeastCost } from './dialplan-config.js';
import type { RateDeck } from './rates/rate-deck.js';

/** A trunk with what it asks for a number. */
interface PricedTrunk {
  trunk: string;
  /** Undefined for trunks of the fallback. */
  ratePerMinute: number | undefined;
}

interface Offer extends PricedTrunk {
  ratePerMinute: number;
  quality: number;
}

export interface LeastCostResult {
  /** In the order in which they are tried. */
  trunks: PricedTrunk[];
  /** One sentence per trunk about its rate, for explanations. */
  reasons: string[];
}

/** The trunks for an E.164 number by price or quality, those of the fallback last. */
export function leastCost(
  settings: LeastCost,
  decks: readonly RateDeck[],
  { number, at }: { number: string; at: number },
): LeastCostResult {
  const reasons: string[] = [];
  const offers: Offer[] = [];
  for (const deck of decks) {
    if (settings.trunks?.includes(deck.trunk) === false) continue;
    const offer = offerOf(deck, number, at);
    const why = offer === undefined ? 'has no rate for it' : unusable(offer, settings);
    if (offer !== undefined && why === undefined) {
      offers.push(offer);
      reasons.push(`${deck.trunk} asks ${offer.ratePerMinute} at quality ${offer.quality}`);
    } else reasons.push(`${deck.trunk} ${why ?? ''}`);
  }
  offers.sort(settings.prefer === 'quality' ? betterFirst : cheaperFirst);
  const priced = offers.map(({ trunk, ratePerMinute }) => ({ trunk, ratePerMinute }));
  const others = (settings.fallback ?? [])
    .filter((name) => !offers.some(({ trunk }) => trunk === name))
    .map((trunk) => ({ trunk, ratePerMinute: undefined }));
  return { trunks: [...priced, ...others], reasons };
}

function offerOf(
  { trunk, quality, rates }: RateDeck,
  number: string,
  at: number,
): Offer | undefined {
  const index = rates.find(number, at);
  if (index < 0) return undefined;
  const rate = rates.rateAt(index);
  return { trunk, ratePerMinute: rate.ratePerMinute, quality: rate.quality ?? quality };
}

function unusable(offer: Offer, { maxRate, minQuality }: LeastCost): string | undefined {
  if (maxRate !== undefined && offer.ratePerMinute > maxRate)
    return `asks ${offer.ratePerMinute}, more than ${maxRate}`;
  if (minQuality !== undefined && offer.quality < minQuality)
    return `has quality ${offer.quality}, less than ${minQuality}`;
  return undefined;
}

function cheaperFirst(a: Offer, b: Offer): number {
  return a.ratePerMinute - b.ratePerMinute || b.quality - a.quality;
}

function betterFirst(a: Offer, b: Offer): number {
  return b.quality - a.quality || a.ratePerMinute - b.ratePerMinute;
}

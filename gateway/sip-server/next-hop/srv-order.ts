import type { SrvRecord } from 'node:dns';

/**
 * The records in the order in which they are tried (RFC 2782): by priority, and within one priority drawn by lot,
 * each with the chance of its weight.
 * @param random from 0 (included) to 1 (excluded), as Math.random
 */
export function orderSrv(records: readonly SrvRecord[], random: () => number): SrvRecord[] {
  const priorities = [...new Set(records.map(({ priority }) => priority))].sort((a, b) => a - b);
  return priorities.flatMap((priority) =>
    draw(
      records.filter((record) => record.priority === priority),
      random,
    ),
  );
}

function draw(records: SrvRecord[], random: () => number): SrvRecord[] {
  // RFC 2782: those of weight 0 stand first, so that they are drawn rarely, but are drawn.
  const left = [...records].sort((a, b) => Math.sign(a.weight) - Math.sign(b.weight));
  const drawn: SrvRecord[] = [];
  while (left.length > 0) {
    const sum = left.reduce((total, { weight }) => total + weight, 0);
    const lot = Math.floor(random() * (sum + 1));
    let running = 0;
    const index = left.findIndex(({ weight }) => (running += weight) >= lot);
    drawn.push(...left.splice(Math.max(0, index), 1));
  }
  return drawn;
}

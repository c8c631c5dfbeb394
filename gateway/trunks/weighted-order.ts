import type { PlannedRoute } from '../../dialplan/plan.js';

/**
 * Routes of one `spread` group, which stand side by side, in an order drawn by weight: a route of weight 3 is first three times as
 * often as one of weight 1. All others keep their place. Pure but for `random`, from 0 to 1.
 */
export function orderByWeight(
  routes: readonly PlannedRoute[],
  weightOf: (route: PlannedRoute) => number,
  random: () => number,
): PlannedRoute[] {
  const ordered: PlannedRoute[] = [];
  for (let start = 0; start < routes.length;) {
    const group = groupAt(routes, start);
    ordered.push(...(group.length > 1 ? drawn(group, weightOf, random) : group));
    start += group.length;
  }
  return ordered;
}

function groupAt(routes: readonly PlannedRoute[], start: number): PlannedRoute[] {
  const spread = routes[start]?.spread;
  let end = start + 1;
  while (spread !== undefined && routes[end]?.spread === spread) end += 1;
  return routes.slice(start, end);
}

function drawn(
  group: readonly PlannedRoute[],
  weightOf: (route: PlannedRoute) => number,
  random: () => number,
): PlannedRoute[] {
  const left = [...group];
  const result: PlannedRoute[] = [];
  while (left.length > 0) {
    let point = random() * left.reduce((sum, route) => sum + weightOf(route), 0);
    const found = left.findIndex((route) => (point -= weightOf(route)) < 0);
    result.push(...left.splice(found === -1 ? left.length - 1 : found, 1));
  }
  return result;
}

import { join } from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** Where pictures of the views go, to look at; none are made without it. */
const PICTURES = process.env['COPPERLINE_SCREENSHOTS'];

/** All animations that run now, in the page and in its shadow roots, of which the document knows nothing. */
export const RUNNING_ANIMATIONS = `(() => {
  const all = (root) => [
    ...root.getAnimations(),
    ...[...root.querySelectorAll('*')].flatMap(({ shadowRoot }) => (shadowRoot ? all(shadowRoot) : [])),
  ];
  return all(document)
    .filter(({ playState, effect }) => playState === 'running' && effect.getComputedTiming().endTime > 1)
    .map((one) => one.animationName ?? one.transitionProperty);
})()`;

interface AxeResult {
  violations: { id: string; help: string; nodes: { target: unknown; html: string }[] }[];
}

/**
 * Checks what a page shows now: axe-core has no complaint in either colour scheme, and nothing is cut off on a narrow screen. The page
 * has to have been opened with reduced motion.
 */
export async function looksRight(page: Page, view: string): Promise<void> {
  await page.evaluate(axe.source);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    // With reduced motion a change of colours is whole at once: no element is on its way between two.
    expect(await page.evaluate(RUNNING_ANIMATIONS), `${view}, ${colorScheme}`).toEqual([]);
    for (const width of [1000, 360]) {
      await page.setViewportSize({ width, height: 860 });
      const overflow = 'document.documentElement.scrollWidth - innerWidth';
      expect(await page.evaluate(overflow), `${view} at ${width}`).toBeLessThanOrEqual(0);
      if (PICTURES !== undefined)
        await page.screenshot({
          path: join(PICTURES, `${view}-${colorScheme}-${width}.png`),
          fullPage: true,
        });
    }
    const result = await page.evaluate<AxeResult>('axe.run()');
    const found = result.violations.map(({ id, help, nodes }) => ({ id, help, nodes }));
    expect(found, `${view}, ${colorScheme}`).toEqual([]);
  }
}

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeWindow {
  axe?: { run(): Promise<AxeResults> };
}

/** Serious findings of axe-core in the window as it is, in both themes; a line each. */
export async function findings(page: Page): Promise<string[]> {
  // As the debugger's own: the page's content security policy forbids it to the page.
  const isThere = await page.evaluate(() => 'axe' in window);
  if (!isThere) await page.evaluate(axe);
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations, passes } = await page.evaluate(() =>
      (window as unknown as Required<AxeWindow>).axe.run(),
    );
    // It did look.
    expect(passes.map(({ id }) => id)).toContain('color-contrast');
    for (const { id, impact, nodes } of violations) {
      if (impact !== 'serious' && impact !== 'critical') continue;
      found.push(`${colorScheme} ${id}: ${nodes.map(({ target }) => String(target)).join(' | ')}`);
    }
  }
  return found;
}

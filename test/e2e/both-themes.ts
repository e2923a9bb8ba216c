import type { Page } from 'playwright-core';
import { axeFindings } from './axe.js';

/** Serious findings of the window as it is, in light and in dark. */
export async function findingsInBothThemes(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    found.push(...(await axeFindings(page)).map((one) => `${colorScheme} ${one}`));
  }
  return found;
}

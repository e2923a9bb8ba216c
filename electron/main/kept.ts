import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { app } from 'electron/main';
import { z } from 'zod';
import { settings, type Settings } from '../../engine/contract/app/shell.js';

/** What the app keeps between its runs, beside the workspace: settings and where the window was. */
const kept = z.object({
  settings: settings.catch({ theme: 'system', workspace: null, jobs: null }),
  window: z
    .object({
      x: z.int(),
      y: z.int(),
      width: z.int().min(400),
      height: z.int().min(300),
      maximized: z.boolean(),
    })
    .nullable()
    .catch(null),
});
export type Kept = z.infer<typeof kept>;

const file = (): string => join(app.getPath('userData'), 'app.json');

/** What was kept; defaults for what is missing or damaged. */
export function loadKept(): Kept {
  try {
    return kept.parse(JSON.parse(readFileSync(file(), 'utf8')));
  } catch {
    const defaults: Settings = { theme: 'system', workspace: null, jobs: null };
    return { settings: defaults, window: null };
  }
}

/** Written beside and renamed: half a file is never read. */
export function saveKept(value: Kept): void {
  const partial = `${file()}.${process.pid}`;
  writeFileSync(partial, JSON.stringify(value, null, 2));
  renameSync(partial, file());
}

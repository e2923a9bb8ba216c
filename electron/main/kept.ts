import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { app } from 'electron/main';
import { z } from 'zod';
import { defaultSettings, settings } from '../../engine/contract/app/shell.js';
import { keptItem } from './recent.js';

/** One damaged or missing setting (an older app's file) does not take the others with it. */
const { shape } = settings;
const keptSettings = z.object({
  theme: shape.theme.catch(defaultSettings.theme),
  workspace: shape.workspace.catch(defaultSettings.workspace),
  jobs: shape.jobs.catch(defaultSettings.jobs),
  notifications: shape.notifications.catch(defaultSettings.notifications),
  bootFiles: shape.bootFiles.catch(defaultSettings.bootFiles),
});

/**
 * What the app keeps between its runs, beside the workspace: settings, where the window was, and
 * what was opened lately.
 */
const kept = z.object({
  settings: keptSettings.catch(defaultSettings),
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
  recent: z.array(keptItem).catch([]),
});
export type Kept = z.infer<typeof kept>;

const file = (): string => join(app.getPath('userData'), 'app.json');

/** What was kept; defaults for what is missing or damaged. */
export function loadKept(): Kept {
  try {
    return kept.parse(JSON.parse(readFileSync(file(), 'utf8')));
  } catch {
    return { settings: defaultSettings, window: null, recent: [] };
  }
}

/** Written beside and renamed: half a file is never read. */
export function saveKept(value: Kept): void {
  const partial = `${file()}.${process.pid}`;
  writeFileSync(partial, JSON.stringify(value, null, 2));
  renameSync(partial, file());
}

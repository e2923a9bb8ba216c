import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { projectRoot } from '../../engine/paths.js';

/** The real app in a lab of its own. */
export interface RunningApp {
  electron: ElectronApplication;
  page: Page;
  home: string;
  /** Folder of its settings. */
  data: string;
  /** Writes a picture of the window, light and dark, into KBL_SCREENSHOTS where that is set. */
  picture(name: string): Promise<void>;
  close(): Promise<void>;
}

export interface AppOptions {
  /** A workspace to use; an empty one of its own by default, which goes with the app. */
  home?: string;
  /** Settings and window state of an earlier run. */
  data?: string;
  /** Environment variables on top. */
  env?: Readonly<Record<string, string>>;
}

/** Starts Electron as set-up left it (ELECTRON_OVERRIDE_DIST_PATH), on the display that there is. */
export async function startApp({ home, data, env }: AppOptions = {}): Promise<RunningApp> {
  const scratch = mkdtempSync(join(tmpdir(), 'kbl-app-'));
  const lab = home ?? join(scratch, 'lab');
  const settings = data ?? join(scratch, 'data');
  const switches = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const electron = await _electron.launch({
    executablePath: join(process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? '', 'electron'),
    args: [...switches, projectRoot],
    env: {
      ...(process.env as Record<string, string>),
      KBL_HOME: lab,
      KBL_APP_DATA: settings,
      ...env,
    },
  });
  const page = await electron.firstWindow();
  await page.getByRole('navigation', { name: 'Screens' }).waitFor();
  return {
    electron,
    page,
    home: lab,
    data: settings,
    picture: (name) => picture(page, name),
    close: async () => {
      // Nobody is there to answer whether running guests may end.
      await electron.evaluate(({ dialog }) => {
        dialog.showMessageBoxSync = () => 0;
      });
      await electron.close();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['KBL_SCREENSHOTS'];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
  }
}

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { licencesPlugin } from '../package/licences.mjs';
import { SetupError } from './command.mjs';
import { filesUnder, sourceState, takePlace } from './compile.mjs';

/** What the app's window shows is bundled from these. */
const sources = ['renderer', 'engine/contract', 'engine/errors', 'engine/report'];

/**
 * Bundles the app's window into dist-renderer/ when its sources changed.
 * @param {string} root  the project's folder
 */
export async function ensureRenderer(root) {
  const files = [
    ...sources.flatMap((folder) => filesUnder(root, folder)),
    ...['engine/contract.ts', 'package-lock.json', 'scripts/package/licences.mjs'],
  ];
  const state = sourceState(root, files);
  const place = join(root, 'dist-renderer');
  const stamp = join(place, '.stamp');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === state) return;

  const fresh = join(root, 'node_modules', `.kbl-renderer-${process.pid}`);
  const { build } = await import('vite');
  try {
    await build({
      configFile: join(root, 'renderer', 'vite.config.ts'),
      logLevel: 'warn',
      plugins: [licencesPlugin(root)],
      build: { outDir: fresh, emptyOutDir: true },
    });
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    const { message } = /** @type {Error} */ (error);
    throw new SetupError(`the app's window cannot be bundled:\n${message}`);
  }
  writeFileSync(join(fresh, '.stamp'), state);
  takePlace(fresh, place);
}

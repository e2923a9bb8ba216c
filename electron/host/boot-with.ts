import { variables } from '../../engine/chosen.mjs';
import { bootFile, type BootFiles } from '../../engine/contract/app/shell.js';

/** What the app was started with: it holds where Settings say nothing. */
const inherited = { ...process.env };

/**
 * Boots with these files from now on. By the variables that `kbl` takes them from, so
 * that the engine looks in one place.
 */
export function bootWith(files: BootFiles): void {
  for (const file of bootFile.options) {
    // An empty variable names nothing.
    process.env[variables[file]] = files[file] ?? inherited[variables[file]] ?? '';
  }
}

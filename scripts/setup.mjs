import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupError, say } from './setup/command.mjs';
import { ensureCompiled } from './setup/compile.mjs';
import { ensureRenderer } from './setup/renderer.mjs';
import { ensureElectron } from './setup/electron/runtime.mjs';
import { ensureModules, modulesAreCurrent } from './setup/modules.mjs';
import { ensureTools } from './setup/packages.mjs';

/** @typedef {import('../engine/doctor/tools.mjs').Purpose} Purpose */

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Brings a checkout to the point where its commands run: tools of the machine,
 * npm packages, compiled code. Does only what is missing; native parts (guest
 * programs, counter plugin) are compiled by the engine when they are first used.
 * @param {readonly Purpose[]} purposes  what the command that follows will do
 * @param {readonly string[]} [spared]   tools it can do without
 */
export async function setup(purposes, spared) {
  const fresh = !modulesAreCurrent(root);
  ensureTools(fresh ? ['install', ...purposes] : purposes, spared);
  ensureModules(root);
  await ensureCompiled(root);
  if (!purposes.includes('app')) return;
  await ensureRenderer(root);
  // Where `electron` and Playwright look for it.
  process.env['ELECTRON_OVERRIDE_DIST_PATH'] = await ensureElectron(root);
}

/**
 * Does work that set-up is part of; trouble of set-up becomes one message and an exit code.
 * @param {() => Promise<void>} work
 */
export async function orExplain(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`error: ${error.message}`);
    process.exit(error.exitCode);
  }
}

if (realpathSync(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  await orExplain(() => setup(['build', 'merge', 'patch', 'boot', 'app']));
  say('set-up: everything is there');
}

import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { ensureElectron } from '../../scripts/setup/electron/runtime.mjs';
import { ensureCompiled } from '../../scripts/setup/compile.mjs';
import { ensureRenderer } from '../../scripts/setup/renderer.mjs';
import { projectRoot } from '../../engine/paths.js';

/** Before the end-to-end tests: an app that is up to date, an Electron, a display where there is none. */
export default async function setup(): Promise<() => void> {
  await ensureCompiled(projectRoot);
  await ensureRenderer(projectRoot);
  process.env['ELECTRON_OVERRIDE_DIST_PATH'] = await ensureElectron(projectRoot);
  if (process.env['DISPLAY']) return () => undefined;
  const number = freeDisplay();
  const argv = [`:${number}`, '-screen', '0', '1440x900x24', '-nolisten', 'tcp'];
  const server = spawn('Xvfb', argv, { stdio: 'ignore' });
  process.env['DISPLAY'] = `:${number}`;
  return () => void server.kill();
}

function freeDisplay(): number {
  const folder = '/tmp/.X11-unix';
  const taken = existsSync(folder) ? readdirSync(folder) : [];
  for (let number = 90; ; number++) if (!taken.includes(`X${number}`)) return number;
}

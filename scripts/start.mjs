/** `npm start`: set-up, then the desktop app. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { orExplain, root, setup } from './setup.mjs';
import { say } from './setup/command.mjs';

await orExplain(() => setup(['build', 'merge', 'patch', 'boot', 'app']));

if (!process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) {
  say('error: there is no display to open the app on (DISPLAY and WAYLAND_DISPLAY are not set)');
  say('  hint: over ssh, log in with `ssh -X`; without any screen, `xvfb-run -a npm start`');
  say('        (Debian: sudo apt-get install xvfb xauth); `npx kbl` needs no display');
  process.exit(4);
}

const electron = join(process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? '', 'electron');
// Chromium refuses to sandbox root's windows.
const switches = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const child = spawn(electron, [...switches, root, ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.on(signal, () => child.kill(signal));
}
child.on('exit', (code) => (process.exitCode = code ?? 1));

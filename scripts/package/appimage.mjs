/**
 * `npm run make:appimage`: packages the app, and makes an AppImage of it by electron-builder,
 * whose tools (an AppImage runtime, which no distribution packages) come from where it is
 * released, or from a folder that APPIMAGE_TOOLS_PATH names.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../setup.mjs';
import { say } from '../setup/command.mjs';

/** What electron-builder takes (app-builder-lib: toolsets/linux.js). */
const tools = 'appimage-12.0.1 of github.com/electron-userland/electron-builder-binaries';

/** @param {string} program @param {string[]} argv @param {'inherit' | 'pipe'} stderr */
function runHere(program, argv, stderr) {
  return spawnSync(program, argv, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['inherit', 'inherit', stderr],
  });
}

const packed = runHere(
  process.execPath,
  [join(root, 'scripts', 'package.mjs'), 'package', ...process.argv.slice(2)],
  'inherit',
);
if (packed.status !== 0) process.exit(packed.status ?? 1);

const folder = join('out', `Kernel Boot Lab-${process.platform}-${process.arch}`);
const made = runHere(
  join(root, 'node_modules', '.bin', 'electron-builder'),
  [
    ...['--config', 'electron-builder.config.mjs', '--publish', 'never'],
    ...['--prepackaged', folder, '--linux', 'AppImage'],
  ],
  'pipe',
);
if (made.status === 0) process.exit(0);
say(made.stderr.trim().split('\n').slice(0, 4).join('\n'));
say('error: electron-builder made no AppImage');
if (!process.env['APPIMAGE_TOOLS_PATH']) {
  say(`  hint: its tools are ${tools}. Where that cannot be reached,`);
  say(
    '        unpack them elsewhere and name their folder with APPIMAGE_TOOLS_PATH; `npm run make`',
  );
  say('        makes a zip and a deb without them');
}
process.exit(4);

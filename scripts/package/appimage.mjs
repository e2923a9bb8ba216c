/**
 * `npm run make:appimage`: packages the app, and makes an AppImage of it by electron-builder,
 * whose tools (an AppImage runtime, which no distribution packages) come from where it is
 * released, or from a folder that APPIMAGE_TOOLS_PATH names.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../setup.mjs';
import { run, say, timed } from '../setup/command.mjs';

/** What electron-builder takes (app-builder-lib: toolsets/linux.js). */
const tools = 'appimage-12.0.1 of github.com/electron-userland/electron-builder-binaries';

const argv = [join(root, 'scripts', 'package.mjs'), 'package', ...process.argv.slice(2)];
const packed = spawnSync(process.execPath, argv, { cwd: root, stdio: 'inherit' });
if (packed.status !== 0) process.exit(packed.status ?? 1);

const made = timed('an AppImage, by electron-builder', () =>
  run(
    join(root, 'node_modules', '.bin', 'electron-builder'),
    [
      ...['--config', 'electron-builder.config.mjs', '--publish', 'never'],
      ...['--prepackaged', `out/Kernel Boot Lab-${process.platform}-${process.arch}`],
      ...['--linux', 'AppImage'],
    ],
    { cwd: root },
  ),
);
if (!made.ok) {
  // The line that says what is wrong; stacks follow it.
  const trouble = made.stdout.split('\n').find((line) => line.includes('⨯'));
  say(`error: electron-builder made no AppImage: ${(trouble ?? made.said).trim()}`);
  if (!process.env['APPIMAGE_TOOLS_PATH']) {
    say(`  hint: its tools are ${tools}. Where that cannot be reached,`);
    say(
      '        unpack them elsewhere and name their folder with APPIMAGE_TOOLS_PATH; `npm run make`',
    );
    say('        makes a zip and a deb without them');
  }
  process.exitCode = 4;
} else say('package: it is in out/make/appimage');

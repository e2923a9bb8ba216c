/**
 * `npm run package` and `npm run make`: set-up, then Electron Forge. Where Electron's
 * zip cannot be downloaded, one is made of the Electron that set-up found. With
 * `-- --bundle` (or KBL_BUNDLE=1), emulator and hypervisor come with the package.
 */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { makeBundle } from './package/bundle.mjs';
import { orExplain, root, setup } from './setup.mjs';
import { run, say, SetupError, timed } from './setup/command.mjs';

const verb = process.argv[2] === 'make' ? 'make' : 'package';
const words = process.argv.slice(3).filter((word) => word !== '--bundle');
const bundled = process.argv.includes('--bundle') || process.env['KBL_BUNDLE'] === '1';
await orExplain(() => setup(bundled ? ['app', 'package', 'bundle'] : ['app', 'package']));
await orExplain(() => {
  process.env['KBL_ELECTRON_ZIPS'] ??= zipFolder();
  // Forge's configuration takes it from there.
  delete process.env['KBL_BUNDLE_FOLDER'];
  if (bundled) {
    const folder = join(root, 'out', 'bundle');
    makeBundle(folder, process.env['KBL_BUNDLE_OFFER']);
    process.env['KBL_BUNDLE_FOLDER'] = folder;
  }
  return Promise.resolve();
});
const bin = join(root, 'node_modules', '.bin', 'electron-forge');
const { status } = spawnSync(bin, [verb, ...words], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;

/** A folder with a zip of the Electron at hand, named as Electron's own download. */
function zipFolder() {
  const distribution = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? '';
  const real = fs.readFileSync(join(distribution, 'version'), 'utf8').trim().replace(/^v/, '');
  const file = join(root, 'node_modules', 'electron', 'package.json');
  const { version } = JSON.parse(fs.readFileSync(file, 'utf8'));
  if (real !== version) {
    say(
      `package: Electron ${real} is packed, not the ${version} that is to be shipped: for tests only`,
    );
  }
  const xdg = process.env['XDG_CACHE_HOME'];
  const cache = xdg && isAbsolute(xdg) ? xdg : join(homedir(), '.cache');
  const folder = join(cache, 'kernel-boot-lab', `electron-zip-${real}`);
  const zip = join(folder, `electron-v${version}-${process.platform}-${process.arch}.zip`);
  if (fs.existsSync(zip)) return folder;
  fs.mkdirSync(folder, { recursive: true });
  const partial = `${zip}.${process.pid}.zip`;
  // Not compressed: it is unpacked at once.
  const packed = timed('packing Electron', () =>
    run('zip', ['-q', '-r', '-y', '-0', partial, '.'], { cwd: distribution }),
  );
  if (!packed.ok) throw new SetupError(`Electron cannot be packed:\n${packed.said}`);
  fs.renameSync(partial, zip);
  return folder;
}

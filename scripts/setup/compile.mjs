import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { extname, join } from 'node:path';
import { SetupError } from './command.mjs';

/** Folders whose code runs from dist/. Everything else is found in place (engine/paths.ts). */
const sourceFolders = ['engine', 'db', 'electron', 'bench'];

/**
 * Files under a folder, in a fixed order, as paths relative to `root`.
 * @param {string} root
 * @param {string} folder
 * @returns {string[]}
 */
export function filesUnder(root, folder) {
  return fs
    .readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesUnder(root, path) : [path];
    });
}

/**
 * Digest of names, sizes and times of the sources: cheap, and it changes
 * whenever a source may have.
 * @param {string} root
 * @param {string[]} files
 */
export function sourceState(root, files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const { size, mtimeMs } = fs.statSync(join(root, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.update(`${root} ${process.version}`).digest('hex');
}

/**
 * Compiles the TypeScript sources to dist/, file by file, when they changed.
 * The new folder takes the old one's place only when it is complete.
 * @param {string} root  the project's folder
 * @returns {Promise<boolean>} whether anything had to be compiled
 */
export async function ensureCompiled(root) {
  const present = sourceFolders.filter((folder) => fs.existsSync(join(root, folder)));
  const files = present.flatMap((folder) => filesUnder(root, folder));
  const state = sourceState(root, files);
  const dist = join(root, 'dist');
  const stamp = join(dist, '.stamp');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === state) return false;

  // Where neither git nor a linter looks, should this be killed.
  const fresh = join(root, 'node_modules', `.kbl-dist-${process.pid}`);
  const { build } = await import('esbuild');
  const result = await build({
    absWorkingDir: root,
    entryPoints: files.filter((file) => extname(file) === '.ts' && !file.endsWith('.d.ts')),
    outdir: fresh,
    outbase: '.',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'linked',
    logLevel: 'warning',
  })
    .then(() => bundlePreload(build, root, fresh))
    .catch(() => undefined);
  if (result === undefined) {
    fs.rmSync(fresh, { recursive: true, force: true });
    throw new SetupError('the sources do not compile; what esbuild says of them is above');
  }
  // What the code finds beside itself: plain modules, SQL and the window's icon.
  for (const file of files.filter((name) => ['.mjs', '.sql', '.png'].includes(extname(name)))) {
    fs.cpSync(join(root, file), join(fresh, file), { recursive: true });
  }
  fs.writeFileSync(join(fresh, '.stamp'), state);
  takePlace(fresh, dist);
  return true;
}

/**
 * A sandboxed preload can load one CommonJS file and nothing else.
 * @param {typeof import('esbuild').build} build
 * @param {string} root
 * @param {string} fresh
 */
async function bundlePreload(build, root, fresh) {
  const entry = 'electron/preload/preload.ts';
  if (!fs.existsSync(join(root, entry))) return true;
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: join(fresh, 'electron', 'preload.cjs'),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'chrome130',
    external: ['electron', 'electron/renderer'],
    logLevel: 'warning',
  });
  return true;
}

/**
 * Renames a folder over another. Two set-ups may do so at once, with equal contents.
 * @param {string} fresh
 * @param {string} place
 */
export function takePlace(fresh, place) {
  const old = `${fresh}-old`;
  for (;;) {
    if (fs.existsSync(place)) fs.renameSync(place, old);
    try {
      fs.renameSync(fresh, place);
      break;
    } catch (error) {
      const code = /** @type {NodeJS.ErrnoException} */ (error).code;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    } finally {
      fs.rmSync(old, { recursive: true, force: true });
    }
  }
}

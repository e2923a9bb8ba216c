/** What of the project goes into a package's archive. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const own = ['package.json', 'dist', 'dist-renderer'];
/** Of packages: what runs, not what it was made from. */
const leftOut =
  /\.(map|md|markdown|ts|mts|cts|c|cc|cpp|h|hpp|gyp|gypi|o|a|tgz)$|\/(test|tests|docs|deps|obj\.target|\.github)(\/|$)/;

/** Packages that the app needs when it runs, those which they need as well: their paths. */
export function runtimePackages() {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  /** @type {Set<string>} */
  const found = new Set();
  /** @param {string} from @param {string} name */
  const visit = (from, name) => {
    // As Node looks for it: in the nearest node_modules, then further up.
    for (
      let folder = from;
      ;
      folder = folder.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '')
    ) {
      const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
      const entry = lock.packages[path];
      if (entry && !found.has(path)) {
        found.add(path);
        const all = { ...entry.dependencies, ...entry.optionalDependencies };
        for (const next of Object.keys(all)) visit(path, next);
      }
      if (entry || folder === '') return;
    }
  };
  for (const name of Object.keys(lock.packages[''].dependencies)) visit('', name);
  return found;
}

/** @type {Set<string> | undefined} */
let packages;

/**
 * Whether a file or folder is packaged.
 * @param {string} path  from the project's folder, beginning with `/`
 */
export function isPackaged(path) {
  const relative = path.replace(/^\//, '');
  if (relative === '' || relative === 'node_modules') return true;
  const [top = ''] = relative.split('/');
  if (top !== 'node_modules') return own.includes(top) && !relative.endsWith('.map');
  packages ??= runtimePackages();
  if (/^node_modules\/@[^/]+$/.test(relative)) {
    return [...packages].some((one) => one.startsWith(`${relative}/`));
  }
  const owner = /^node_modules\/(@[^/]+\/)?[^/]+/.exec(relative)?.[0] ?? '';
  return packages.has(owner) && !leftOut.test(relative);
}

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run, SetupError, timed } from './command.mjs';

/**
 * node_modules carries a stamp with the lock file's digest. It is written only
 * after everything was installed and sqlite3's native part was seen to load.
 * @param {string} root
 */
function stampOf(root) {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const digest = createHash('sha256').update(lock).digest('hex');
  return { path: join(root, 'node_modules', '.kbl-stamp'), text: `${digest} ${process.arch}\n` };
}

/** @param {string} root */
export function modulesAreCurrent(root) {
  const { path, text } = stampOf(root);
  return existsSync(path) && readFileSync(path, 'utf8') === text;
}

/**
 * Installs the npm packages that package-lock.json names, unless they are there.
 * @param {string} root  the project's folder
 * @throws {SetupError} when npm or the compiler fails
 */
export function ensureModules(root) {
  if (modulesAreCurrent(root)) return;
  if (!matchesLock(root)) {
    const result = timed('npm packages from package-lock.json', () => npmCi(root));
    if (!result.ok) throw new SetupError(`npm ci failed:\n${result.said}`);
  }
  if (!sqliteLoads(root).ok) {
    const result = timed("compiling npm's sqlite3, for which no ready binary loads here", () =>
      compileSqlite(root),
    );
    const loads = sqliteLoads(root);
    if (!loads.ok) throw new SetupError(`sqlite3 does not load:\n${result.said}\n${loads.said}`);
  }
  const { path, text } = stampOf(root);
  writeFileSync(path, text);
}

/**
 * Whether somebody's own `npm install` already brought what the lock asks for:
 * npm's record in node_modules names the same versions.
 * @param {string} root
 */
function matchesLock(root) {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  /** @param {string} file @returns {Record<string, { version?: string, optional?: boolean }>} */
  const packagesIn = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const installed = packagesIn(record);
  return Object.entries(packagesIn(join(root, 'package-lock.json'))).every(
    ([path, { version, optional }]) =>
      path === '' ||
      installed[path]?.version === version ||
      (optional === true && installed[path] === undefined),
  );
}

/** @param {string} root */
function npmCi(root) {
  const argv = ['ci', '--include=dev', '--no-fund', '--no-audit'];
  const env = { ELECTRON_SKIP_BINARY_DOWNLOAD: '1', JOBS: 'max', ...headers() };
  // Under `npm run`, the very npm that runs us.
  const npm = process.env['npm_execpath'];
  return npm === undefined
    ? run('npm', argv, { cwd: root, env })
    : run(process.execPath, [npm, ...argv], { cwd: root, env });
}

/** @param {string} root */
function sqliteLoads(root) {
  return run(process.execPath, ['-e', "require('sqlite3')"], { cwd: root });
}

/**
 * node-gyp itself, since npm 11 runs install scripts only where it is told to.
 * @param {string} root
 */
function compileSqlite(root) {
  const gyp = join(root, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  return run(process.execPath, [gyp, 'rebuild'], {
    cwd: join(root, 'node_modules', 'sqlite3'),
    env: headers(),
  });
}

/** Node's own headers, where they came with it: node-gyp then downloads none. @returns {Record<string, string>} */
function headers() {
  const prefix = dirname(dirname(process.execPath));
  const there = existsSync(join(prefix, 'include', 'node', 'node_version.h'));
  return there && process.env['npm_config_nodedir'] === undefined
    ? { npm_config_nodedir: prefix }
    : {};
}

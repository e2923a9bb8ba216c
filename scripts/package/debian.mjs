/** What dpkg knows of the files of this machine. */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { run, SetupError } from '../setup/command.mjs';

/**
 * @typedef {object} DebianPackage
 * @property {string} name     with its architecture where dpkg needs that: `zlib1g:amd64`
 * @property {string} version
 * @property {string} source   name and version of the source package
 * @property {string} sourceVersion
 * @property {string[]} builtUsing  sources of what is linked in statically: `glibc (= 2.36-9)`
 */

/**
 * A file as its package has it: links followed, by the folder's real name (`/bin` is `/usr/bin`).
 * @param {string} path
 */
export function canonical(path) {
  return join(fs.realpathSync(dirname(path)), basename(path));
}

/**
 * The packages that files are from; each file must be as its package brought it.
 * @param {readonly string[]} files
 * @returns {Map<string, string>} file to the package's name for dpkg
 * @throws {SetupError} when a file is of none, or was changed
 */
export function ownersOf(files) {
  const { stdout } = run('dpkg-query', ['--search', ...files.flatMap(packagedNames)]);
  const owners = new Map(
    [...stdout.matchAll(/^(\S+): (.*)$/gm)].map(([, owner = '', path = '']) => [path, owner]),
  );
  return new Map(
    files.map((file) => {
      const names = packagedNames(file);
      const owner = names.map((name) => owners.get(name)).find((one) => one !== undefined);
      if (owner === undefined) throw new SetupError(`${file} is of no Debian package`);
      if (!isUnchanged(file, names, owner)) {
        throw new SetupError(`${file} is not what its package ${owner} brought`);
      }
      return [file, owner];
    }),
  );
}

/** Names that a package may have for a file: from before the merge of / and /usr, without /usr. @param {string} file */
function packagedNames(file) {
  const real = fs.realpathSync(file);
  return [real, real.replace(/^\/usr/, '')];
}

/** @param {string} file @param {readonly string[]} names @param {string} owner */
function isUnchanged(file, names, owner) {
  const sums = fs.readFileSync(`/var/lib/dpkg/info/${owner}.md5sums`, 'utf8');
  const md5 = createHash('md5').update(fs.readFileSync(file)).digest('hex');
  return names.some((name) => sums.includes(`${md5}  ${name.slice(1)}\n`));
}

/** @param {string} name @returns {DebianPackage} */
export function packageFacts(name) {
  const fields = ['Version', 'source:Package', 'source:Version', 'Built-Using'];
  const format = fields.map((field) => `\${${field}}`).join('\\t');
  const { ok, stdout, said } = run('dpkg-query', ['--show', `--showformat=${format}`, name]);
  if (!ok) throw new SetupError(`dpkg does not know ${name}:\n${said}`);
  const [version = '', source = '', sourceVersion = '', using = ''] = stdout.split('\t');
  const builtUsing = using.split(', ').filter((one) => one !== '');
  return { name, version, source, sourceVersion, builtUsing };
}

/** The file with a package's licences. @param {string} name */
export function copyrightOf(name) {
  return `/usr/share/doc/${name.replace(/:.*/, '')}/copyright`;
}

/**
 * The shared libraries that programs load, by the names that they ask for.
 * @param {readonly string[]} programs
 * @returns {Map<string, string>} name to path
 */
export function librariesOf(programs) {
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const program of programs) {
    const { ok, stdout, said } = run('ldd', [program]);
    if (!ok || stdout.includes('not found')) {
      throw new SetupError(`${program} lacks a library:\n${said}`);
    }
    for (const [, name = '', path = ''] of stdout.matchAll(/^\s*(\S+) => (\/\S+)/gm)) {
      found.set(name, path);
    }
  }
  return found;
}

/**
 * The bundle of a package: emulator, hypervisor, firmware and guest's user space, so that the
 * app boots kernels on a machine that has none of them (docs/packaging.md). Each file is a
 * Debian package's, byte for byte, at the path that it has there; the package's copyright
 * file comes with it, and SOURCES.txt says where its source is.
 */
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { locate } from '../../engine/doctor/detect.mjs';
import { tools } from '../../engine/doctor/tools.mjs';
import { say, SetupError } from '../setup/command.mjs';
import { canonical, copyrightOf, librariesOf, ownersOf, packageFacts } from './debian.mjs';
import { sourcesText } from './sources.mjs';

const qemu = '/usr/bin/qemu-system-x86_64';
const libraries = '/usr/lib/x86_64-linux-gnu';
/** Debian's QEMU loads its translator as a module. */
const translator = `${libraries}/qemu/accel-tcg-x86_64.so`;

/** What QEMU's PC loads for a machine that boots a kernel or a multiboot image, without devices. */
const firmware = [
  '/usr/share/seabios/bios-256k.bin',
  ...['kvmvapic', 'linuxboot_dma', 'multiboot_dma'].map((name) => `/usr/share/qemu/${name}.bin`),
];

const licences = '/usr/share/common-licenses';

/** Every Linux has a C library, and a program must not bring another than its loader's. */
const systemPackages = ['libc6:amd64'];

/** Starts QEMU with the libraries beside it: its file stays the package's own, without a path of ours in it. */
const starter = `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
LD_LIBRARY_PATH="$here${libraries}" exec "$here${qemu}" "$@"
`;

/**
 * Fills a folder with the bundle; what it had is removed.
 * @param {string} folder
 * @param {string | undefined} offer  name and address of who gives the source to others, for three years
 * @throws {SetupError} where this is no Debian, or a file is not as its package brought it
 */
export function makeBundle(folder, offer) {
  if (!fs.existsSync('/var/lib/dpkg/info')) {
    throw new SetupError('a bundle is made of Debian packages: package it on Debian');
  }
  const plain = [qemu, translator, ...firmware, ...['xen', 'ovmf', 'busybox'].map(installed)];
  /** @type {Map<string, string>} file to its place in the bundle */
  const places = new Map(plain.map((file) => [file, canonical(file)]));
  for (const [name, file] of librariesOf([qemu, translator])) {
    places.set(file, join(libraries, name));
  }
  fs.rmSync(folder, { recursive: true, force: true });
  /** @type {Set<string>} */
  const owners = new Set();
  for (const [file, owner] of ownersOf([...places.keys()])) {
    if (systemPackages.includes(owner)) continue;
    owners.add(owner);
    put(folder, file, places.get(file) ?? file);
  }
  for (const owner of owners) put(folder, copyrightOf(owner), copyrightOf(owner));
  // Copyright files name the texts of the usual licences by their place there.
  for (const name of fs.readdirSync(licences))
    put(folder, join(licences, name), join(licences, name));
  fs.writeFileSync(join(folder, basename(qemu)), starter, { mode: 0o755 });
  const packages = [...owners].sort().map(packageFacts);
  fs.writeFileSync(join(folder, 'SOURCES.txt'), sourcesText(packages, offer));
  const megabytes = (sizeOf(folder) / 1e6).toFixed(1);
  say(`package: the bundle has ${megabytes} MB of ${packages.length} Debian packages`);
}

/** @param {string} id */
function installed(id) {
  const tool = tools.find((one) => one.id === id);
  const path = tool && locate(tool);
  if (path === undefined) throw new SetupError(`the bundle needs ${id}, which is not installed`);
  return path;
}

/** @param {string} folder @param {string} from @param {string} to  path in the package */
function put(folder, from, to) {
  const target = join(folder, to);
  fs.mkdirSync(dirname(target), { recursive: true });
  fs.copyFileSync(fs.realpathSync(from), target);
}

/** @param {string} folder @returns {number} bytes */
function sizeOf(folder) {
  return fs
    .readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + fs.statSync(join(entry.parentPath, entry.name)).size, 0);
}

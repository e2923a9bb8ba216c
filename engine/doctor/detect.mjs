import {
  accessSync,
  closeSync,
  constants,
  openSync,
  readSync,
  readdirSync,
  statSync,
} from 'node:fs';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { chosen, isChoosable } from '../chosen.mjs';

/** @typedef {import('./tools.mjs').Tool} Tool */

const includeFolders = ['/usr/include', '/usr/include/x86_64-linux-gnu', '/usr/local/include'];

/** Where administrators' tools lie on systems that leave them out of a user's PATH. */
const extraFolders = ['/usr/sbin', '/sbin'];

/** @param {string} path */
function isFile(path) {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/**
 * The executable that a shell would run.
 * @param {string} name
 * @returns {string | undefined}
 */
export function onPath(name) {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...folders, ...extraFolders].map((folder) => join(folder, name)).find(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  if (!isFile(path)) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether a 64-bit ELF executable names no interpreter (PT_INTERP), which is
 * what makes it run in an initramfs that holds nothing else.
 * @param {string} path
 */
export function isStatic(path) {
  const head = Buffer.alloc(4096);
  const file = openSync(path, 'r');
  try {
    readSync(file, head, 0, head.length, 0);
  } finally {
    closeSync(file);
  }
  if (head.readUInt32BE(0) !== 0x7f454c46 || head[4] !== 2) return false;
  const tableOffset = Number(head.readBigUInt64LE(32));
  const entrySize = head.readUInt16LE(54);
  const ptInterp = 3;
  for (let index = 0; index < head.readUInt16LE(56); index++) {
    const offset = tableOffset + index * entrySize;
    if (offset + 4 > head.length) return false;
    if (head.readUInt32LE(offset) === ptInterp) return false;
  }
  return true;
}

/**
 * The files that a pattern names, newest version last; `*` may stand in its last part.
 * @param {string} pattern
 * @returns {string[]}
 */
export function matchingFiles(pattern) {
  const [before, after] = basename(pattern).split('*');
  if (after === undefined) return isFile(pattern) ? [pattern] : [];
  const folder = dirname(pattern);
  let names;
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => name.startsWith(before ?? '') && name.endsWith(after))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((name) => join(folder, name));
}

/**
 * Where a tool is, or undefined when it is missing.
 * @param {Tool} tool
 * @param {string} [named]  the file to take instead of an installed one: the user's choice
 * @returns {string | undefined}
 */
export function locate({ id, detect }, named = isChoosable(id) ? chosen(id) : undefined) {
  if (named !== undefined) return locateNamed(named, detect);
  if ('command' in detect) return onPath(detect.command);
  if ('header' in detect) {
    return includeFolders.map((folder) => join(folder, detect.header)).find(isFile);
  }
  if ('file' in detect) return detect.file.flatMap(matchingFiles).at(-1);
  const path = onPath(detect.static);
  return path !== undefined && isStatic(path) ? path : undefined;
}

/**
 * The file that somebody named, when it is of the kind that is wanted.
 * @param {string} named  path, or the name of a command on PATH
 * @param {Tool['detect']} detect
 */
function locateNamed(named, detect) {
  const isCommand = 'command' in detect || 'static' in detect;
  if (isCommand && !named.includes('/')) return onPath(named);
  const path = resolve(named);
  if (!(isCommand ? isExecutable(path) : isFile(path))) return undefined;
  return 'static' in detect && !isStatic(path) ? undefined : path;
}

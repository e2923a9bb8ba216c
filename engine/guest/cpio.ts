import { guestErrors } from '../errors/guest.js';

/**
 * Writes cpio archives in the "newc" format, which the kernel unpacks as an
 * initramfs (Documentation/driver-api/early-userspace/buffer-format.rst).
 * Times, owners and inode numbers are fixed: equal entries give equal bytes.
 */

export type CpioEntry =
  | { path: string; kind: 'file'; mode: number; data: Uint8Array }
  | { path: string; kind: 'directory'; mode: number }
  | { path: string; kind: 'symlink'; target: string }
  | { path: string; kind: 'character-device'; mode: number; major: number; minor: number };

const magic = '070701';
const headerSize = 110;
const trailer = 'TRAILER!!!';

const typeBits: Record<CpioEntry['kind'], number> = {
  directory: 0o040000,
  file: 0o100000,
  symlink: 0o120000,
  'character-device': 0o020000,
};

/**
 * An archive of the entries, in the order given; folders must come before what
 * is in them.
 * @returns the uncompressed archive. It is not compressed on purpose: deflate's
 *   output differs between builds of zlib, and unpacking costs the guest instructions.
 * @throws guest-path-invalid for a path that is absolute, empty, has `..` or a NUL
 */
export function writeCpio(entries: readonly CpioEntry[]): Uint8Array {
  const parts: Uint8Array[] = [];
  entries.forEach((entry, index) => {
    checkPath(entry.path);
    parts.push(...record(index + 1, entry));
  });
  parts.push(...record(0, undefined));
  return Buffer.concat(parts);
}

function checkPath(path: string): void {
  const bad =
    path === '' ||
    path.startsWith('/') ||
    path.includes('\0') ||
    path === trailer ||
    path.split('/').includes('..');
  if (bad) throw guestErrors.pathInvalid({ path });
}

/** Header, name and data of one entry, each padded to four bytes; the trailer for `undefined`. */
function record(inode: number, entry: CpioEntry | undefined): Uint8Array[] {
  const name = Buffer.from(`${entry?.path ?? trailer}\0`, 'utf8');
  const data = dataOf(entry);
  const device = entry?.kind === 'character-device' ? entry : undefined;
  const fields = [
    inode,
    entry === undefined ? 0 : typeBits[entry.kind] | modeOf(entry),
    0, // uid
    0, // gid
    entry?.kind === 'directory' ? 2 : 1, // nlink
    0, // mtime
    data.length,
    0, // devmajor
    0, // devminor
    device?.major ?? 0,
    device?.minor ?? 0,
    name.length,
    0, // check, unused in this format
  ];
  const header = magic + fields.map((field) => field.toString(16).padStart(8, '0')).join('');
  return [
    Buffer.from(header, 'latin1'),
    name,
    padding(headerSize + name.length),
    data,
    padding(data.length),
  ];
}

function modeOf(entry: CpioEntry): number {
  return entry.kind === 'symlink' ? 0o777 : entry.mode & 0o7777;
}

function dataOf(entry: CpioEntry | undefined): Uint8Array {
  if (entry?.kind === 'file') return entry.data;
  if (entry?.kind === 'symlink') return Buffer.from(entry.target, 'utf8');
  return new Uint8Array(0);
}

function padding(length: number): Uint8Array {
  return new Uint8Array((4 - (length % 4)) % 4);
}

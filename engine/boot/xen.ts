import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { preferredFile } from '../bundle.js';
import { bootErrors } from '../errors/boot.js';
import { makeFolder } from '../make-folder.js';
import { writeWhole } from '../replace-file.js';

/** Where distributions install the hypervisor. */
export const xenFolder = '/boot';

/** Largest hypervisor that is unpacked. Xen 4.17 has 2.9 MB; the cap stops a decompression bomb. */
const unpackedLimit = 64 * 1024 * 1024;

/** Multiboot 1: the header's magic lies 4-aligned in the first 8192 bytes (specification 3.1). */
const multibootMagic = 0x1badb002;
const multibootWindow = 8192;

export interface XenFile {
  /** The gzip file, or what it unpacks to. */
  file: string;
  /** From its name: `4.17` of `xen-4.17-amd64.gz`; `unknown` where that has none. */
  version: string;
}

/**
 * The hypervisor that the user chose, or the bundle's, or the newest in `/boot`; in a
 * given folder the newest there, by the version in the file's name.
 * @throws boot-xen-missing
 */
export async function findXen(folder?: string): Promise<XenFile> {
  const preferred = folder === undefined ? preferredFile('xen') : undefined;
  return preferred ? namedXen(preferred.path) : newestXen(folder ?? xenFolder);
}

/** A hypervisor by its file. @throws boot-xen-missing */
export function namedXen(path: string): XenFile {
  const file = resolve(path);
  if (!existsSync(file)) throw bootErrors.xenMissing({ where: `${file} does not exist` });
  const version = /^xen-(\d+(?:\.\d+)*)/.exec(basename(file))?.[1] ?? 'unknown';
  return { file, version };
}

async function newestXen(folder: string): Promise<XenFile> {
  const names = await readdir(folder).catch(() => []);
  const newest = names
    .flatMap((name) => {
      const version = /^xen-(\d+(?:\.\d+)*).*\.gz$/.exec(name)?.[1];
      return version === undefined ? [] : [{ file: join(folder, name), version }];
    })
    .sort((a, b) => compareVersions(b.version, a.version))[0];
  if (newest === undefined) throw bootErrors.xenMissing({ where: `no xen-*.gz in ${folder}` });
  return newest;
}

/** Orders `4.9` before `4.17`. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (let i = 0; i < Math.max(left!.length, right!.length); i++) {
    const difference = (left![i] ?? -1) - (right![i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * Unpacks the hypervisor into a cache, once: QEMU's multiboot loader takes no
 * gzip. Returns the path of the 32-bit ELF, named by the digest of its source.
 * @throws boot-xen-damaged
 */
export async function unpackXen(xen: XenFile, cacheFolder: string): Promise<string> {
  const packed = await readFile(xen.file).catch((cause: unknown) => {
    throw bootErrors.xenDamaged({ file: xen.file, trouble: 'it cannot be read' }, cause);
  });
  const digest = createHash('sha256').update(packed).digest('hex').slice(0, 16);
  const target = join(cacheFolder, `xen-${xen.version}-${digest}`);
  if (existsSync(target)) return target;

  const unpacked = unpack(xen.file, packed);
  await makeFolder(cacheFolder);
  await writeWhole(target, unpacked);
  return target;
}

/** @throws boot-xen-damaged */
function unpack(file: string, packed: Buffer): Buffer {
  let bytes = packed;
  // A hypervisor from a build folder may be the ELF itself.
  if (!isElf32(packed)) {
    try {
      bytes = gunzipSync(packed, { maxOutputLength: unpackedLimit });
    } catch (cause) {
      throw bootErrors.xenDamaged({ file, trouble: (cause as Error).message }, cause);
    }
  }
  if (!isElf32(bytes) || !hasMultibootHeader(bytes)) {
    throw bootErrors.xenDamaged({ file, trouble: 'it holds no 32-bit multiboot ELF' });
  }
  return bytes;
}

function isElf32(bytes: Buffer): boolean {
  return bytes.length > 52 && bytes.readUInt32BE(0) === 0x7f454c46 && bytes[4] === 1;
}

function hasMultibootHeader(bytes: Buffer): boolean {
  const end = Math.min(bytes.length, multibootWindow) - 12;
  for (let at = 0; at <= end; at += 4) {
    if (bytes.readUInt32LE(at) !== multibootMagic) continue;
    const sum = multibootMagic + bytes.readUInt32LE(at + 4) + bytes.readUInt32LE(at + 8);
    if (sum % 0x1_0000_0000 === 0) return true;
  }
  return false;
}

/**
 * The exact version that Xen printed, `4.17.7 (Debian 4.17.7+13-g2445b30a44)`, from a
 * console; undefined when none is there.
 */
export function xenBanner(console: string): string | undefined {
  return /^\(XEN\) Xen version (\S+(?: \([^)]*\))?)/m.exec(console)?.[1];
}

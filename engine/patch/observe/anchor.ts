import { patchErrors } from '../../errors/patch.js';
import type { SignedAddress } from '../../kernel/address.js';
import type { Bytes } from '../../units.js';
import { sectionNamed, type AddressRange, type PatchKernel } from '../kernel.js';
import { imageRange } from './memory.js';

/**
 * Finding a kernel in the memory of the machine it runs on. On bare hardware it lies where its
 * segments ask for; as a Xen domain, and under firmware, wherever there was room. Xen also leaves
 * copies of the file behind. So: the banner is looked for at every place where a kernel can begin,
 * and what is around it must be this kernel, and must have run.
 */

/** Address in the machine's memory. Under Xen: of the machine, not of the domain. */
export type PhysicalAddress = number;

/** Reads the memory of a stopped machine. */
export type ReadPhysical = (address: PhysicalAddress, size: Bytes) => Promise<Uint8Array>;

/** A kernel as it lies in memory. */
export interface FoundKernel {
  physical: PhysicalAddress;
  /** Contents of `imageRange`. */
  bytes: Uint8Array;
}

const mebibyte: Bytes = 2 ** 20;

/** Page tables of the kernel map it by large pages: it begins at a multiple of one. */
const step: Bytes = 2 * mebibyte;

const pageSize: Bytes = 4096;

/** Pages of constants that are compared, and the part of them that must be equal. */
const samples = 64;
const leastEqual = 0.5;

/**
 * @param memory MiB of the machine
 * @throws patch-memory-not-found, and what `read` throws
 */
export async function findKernel(
  kernel: PatchKernel,
  memory: number,
  read: ReadPhysical,
): Promise<FoundKernel> {
  const { label } = kernel;
  const range = imageRange(kernel);
  const banner = findBanner(kernel);
  const asked = askedPlace(kernel, range);
  let doubt: string | undefined;
  for (const physical of [asked, ...places(memory, range).filter((place) => place !== asked)]) {
    const there = await read(physical + banner.address - range.start, banner.bytes.length);
    if (Buffer.compare(there, banner.bytes) !== 0) continue;
    const bytes = await read(physical, range.end - range.start);
    doubt = doubtOf(kernel, range, bytes);
    if (doubt === undefined) return { physical, bytes };
  }
  const why = doubt === undefined ? 'its banner is nowhere' : `its banner is there, but ${doubt}`;
  throw patchErrors.memoryNotFound({ label, why });
}

/** linux_banner (init/version.c), found by what it says: kallsyms need not have data. */
function findBanner(kernel: PatchKernel): {
  address: SignedAddress;
  bytes: Uint8Array;
} {
  const constants = sectionNamed(kernel, '.rodata');
  if (constants) {
    const { start, bytes } = constants;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = text.indexOf(bannerStart); at >= 0; at = text.indexOf(bannerStart, at + 1)) {
      // The same words begin other constants, formats among them; this one tells who built it.
      const end = text.indexOf(0, at);
      if (/^Linux version \S+ \(.*\) .*\n$/.test(text.toString('latin1', at, end))) {
        return { address: start + at, bytes: bytes.subarray(at, end) };
      }
    }
  }
  const why = 'it has no banner (Linux version ...)';
  throw patchErrors.memoryNotFound({ label: kernel.label, why });
}

const bannerStart = 'Linux version ';

/** Where the kernel's segments ask to be. */
function askedPlace({ elf }: PatchKernel, range: AddressRange): PhysicalAddress {
  const first = elf.segments.find(
    ({ virtualAddress }) => BigInt.asIntN(64, virtualAddress) === BigInt(range.start),
  );
  return first ? Number(first.physicalAddress) : 0;
}

/** Where a kernel may begin: QEMU's PC has memory below 4 GiB, and the rest of it above. */
function places(memory: number, { start, end }: AddressRange): PhysicalAddress[] {
  const total = memory * mebibyte;
  const below = total < 0xe000_0000 ? total : 0xc000_0000;
  const inStep = ((start % step) + step) % step;
  const found: PhysicalAddress[] = [];
  const add = (from: PhysicalAddress, to: PhysicalAddress): void => {
    for (let at = from + inStep; at + end - start <= to; at += step) found.push(at);
  };
  add(0, below);
  if (total > below) add(2 ** 32, 2 ** 32 + total - below);
  return found;
}

/**
 * Why what lies there is not this kernel, having run; undefined when it is. Some constants are
 * rewritten at boot (tables that are sorted, what is read-only after init), so not every page
 * can be equal; and a kernel that ran has changed its data, as the file in memory has not.
 */
function doubtOf(kernel: PatchKernel, range: AddressRange, memory: Uint8Array): string | undefined {
  const isEqual = ({ start, bytes }: Piece): boolean => {
    const from = start - range.start;
    return Buffer.compare(memory.subarray(from, from + bytes.length), bytes) === 0;
  };
  const pages = samplePages(sectionNamed(kernel, '.rodata'));
  const equal = pages.filter(isEqual).length;
  if (equal < leastEqual * pages.length) {
    return `of ${pages.length} pages of constants only ${equal} are those of the file`;
  }
  const data = sectionNamed(kernel, '.data');
  const ran = data && !isEqual(data);
  return ran ? undefined : 'its data are those of the file: it is a copy that never ran';
}

interface Piece {
  start: SignedAddress;
  bytes: Uint8Array;
}

/** Pages spread evenly over a section. */
function samplePages(section: Piece | undefined): Piece[] {
  const pages = Math.ceil((section?.bytes.length ?? 0) / pageSize);
  const count = Math.min(samples, pages);
  return Array.from({ length: count }, (_, i) => {
    const at = Math.floor((i * pages) / count) * pageSize;
    return { start: section!.start + at, bytes: section!.bytes.subarray(at, at + pageSize) };
  });
}

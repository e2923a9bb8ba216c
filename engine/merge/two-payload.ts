import {
  alignParagraph,
  copyOf,
  crcSize,
  extractVmlinux,
  partBytes,
  payloadBytes,
  readBzImage,
  readDirectory,
  readPe,
  sealImage,
  setHeaderField,
  type BzImage,
} from '../bzimage/index.js';
import { pvRefusal } from '../bzimage/boots-as.js';
import { describeKernel } from '../bzimage/kernel.js';
import {
  encodeDirectory,
  isPartLabel,
  noOriginalFields,
  sha256,
  type Directory,
  type OriginalFields,
  type Part,
} from '../bzimage/multi-image.js';
import { viewOf } from '../elf/header.js';
import type { ElfWidth } from '../elf/index.js';
import { protocolText } from '../errors/bzimage.js';
import { LabError } from '../errors/lab-error.js';
import { mergeErrors } from '../errors/merge.js';
import type { JobOptions } from '../progress.js';
import type { Bytes, Sha256 } from '../units.js';

/**
 * The multi-image without sharing. A bare boot runs the protected-mode code at
 * the front of a bzImage, which knows its compressed kernel by a symbol of its
 * own (`input_data`) and never reads `payload_offset`. Xen does nothing but
 * follow `payload_offset` and `payload_length` (xen/arch/x86/bzimage.c). So the
 * Xen image's payload is appended to the native image, and those two fields
 * are pointed at it: one file, two kernels, neither of them changed.
 *
 *     setup sectors           the native image's; header rewritten
 *     protected-mode code     the native image's, untouched
 *     payload                 the Xen image's, at a multiple of 16 bytes
 *     directory               what was merged (bzimage/multi-image.ts)
 *     CRC-32
 *
 * What else is rewritten, and why what is appended does no harm:
 * - `syssize` and the CRC follow the new length. Loaders read the whole file
 *   to the load address; the decompressor moves only its own code and data
 *   (up to `_bss`) out of the way and unpacks over the rest.
 * - `init_size` is raised if the appended bytes would not fit it: GRUB reserves
 *   that much and reads the whole file into it (grub-core/loader/i386/linux.c).
 *   With real kernels it is several times the file.
 * - The PE header of an EFI stub stays as it is. Firmware loads the sections
 *   it lists, which end where the native image ended; `SizeOfImage` counts
 *   these, not the file. Bytes behind the last section are not loaded, and the
 *   stub (efi_pe_entry) finds its kernel by the same symbol as above.
 * - A signature does not survive any change of the file. A stale one would make
 *   firmware refuse the image, so it is taken off and the merged file is unsigned.
 */
export interface MergedImage {
  bytes: Uint8Array;
  directory: Directory;
  /** The native image was signed; the merged one is not. */
  signatureRemoved: boolean;
}

/** An image to merge: its bytes, and the name of its flavour. */
export interface MergeInput {
  label: string;
  bytes: Uint8Array;
}

/**
 * Merges a bzImage for bare hardware and one for Xen.
 * @param bare the image a boot loader shall start
 * @param xen  an image whose payload has Xen PV notes
 * @throws merge-*, bzimage-*, payload-*, elf-*, cancelled
 */
export async function mergeTwoPayloads(
  bare: MergeInput,
  xen: MergeInput,
  options: JobOptions = {},
): Promise<MergedImage> {
  checkLabels(bare.label, xen.label);
  const native = await inPart(bare.label, () => readInput(bare));
  const base = await inPart(xen.label, () => readInput(xen));
  const nativeWidth = await inPart(bare.label, () => widthOf(native, options));
  const xenWidth = await inPart(xen.label, () => checkXenKernel(base, xen.label, options));
  if (nativeWidth !== xenWidth) {
    throw mergeErrors.widthMismatch({ bare: nativeWidth, xen: xenWidth });
  }
  const unsigned = withoutSignature(native);
  const { bytes, directory } = writeMerged(unsigned, bare.label, payloadBytes(base), xen.label);
  return { bytes, directory, signatureRemoved: unsigned.bytes !== native.bytes };
}

/** @throws merge-bad-label */
function checkLabels(bare: string, xen: string): void {
  for (const label of [bare, xen]) {
    if (!isPartLabel(label)) throw mergeErrors.badLabel({ label });
  }
  if (bare === xen) throw mergeErrors.badLabel({ label: xen });
}

/** Adds to errors which part they are about. */
async function inPart<T>(label: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof LabError ? error.at({ file: label }) : error;
  }
}

function readInput({ label, bytes }: MergeInput): BzImage {
  const image = readBzImage(bytes);
  if (image.protocol < 0x0208) {
    const protocol = protocolText(image.protocol);
    throw mergeErrors.protocolTooOld({ file: label, protocol });
  }
  if (readDirectory(image)) throw mergeErrors.alreadyMulti({ file: label });
  return image;
}

/** From the header, or before protocol 2.12 from the kernel itself. */
async function widthOf(image: BzImage, options: JobOptions): Promise<ElfWidth> {
  return image.width ?? (await extractVmlinux(image, options)).elf.header.width;
}

/** @throws merge-no-xen-notes */
async function checkXenKernel(
  image: BzImage,
  label: string,
  options: JobOptions,
): Promise<ElfWidth> {
  const kernel = describeKernel(await extractVmlinux(image, options));
  const why = pvRefusal(kernel);
  if (why !== null) throw mergeErrors.noXenNotes({ file: label, why });
  return kernel.width;
}

/** The image without its signature: the table cut off, its entry in the PE header cleared. */
function withoutSignature(image: BzImage): BzImage {
  const pe = readPe(image.bytes);
  if (!pe?.certificates || pe.certificateEntry === null) return image;
  const end = image.protectedMode.offset + image.protectedMode.size;
  const bytes = copyOf(image.bytes, 0, Math.max(end, pe.certificates.offset));
  viewOf(bytes).setBigUint64(pe.certificateEntry, 0n, true);
  return readBzImage(bytes);
}

function writeMerged(
  native: BzImage,
  bareLabel: string,
  payload: Uint8Array,
  xenLabel: string,
): { bytes: Uint8Array; directory: Directory } {
  const start = alignParagraph(native.bytes.length);
  const parts: Part[] = [
    {
      label: bareLabel,
      role: 'bare',
      range: { offset: 0, size: native.bytes.length },
      sha256: sha256(native.bytes),
      original: originalFields(native),
    },
    {
      label: xenLabel,
      role: 'xen',
      range: { offset: start, size: payload.length },
      sha256: sha256(payload),
      original: noOriginalFields,
    },
  ];
  const directory = encodeDirectory(parts);
  const directoryStart = alignParagraph(start + payload.length);
  const total = alignParagraph(directoryStart + directory.length + crcSize);
  const head = copyOf(native.bytes);
  setHeaderField(head, 'payload_offset', start - native.setupSize);
  setHeaderField(head, 'payload_length', payload.length);
  raiseInitSize(native, head, total - native.setupSize);
  const pieces = [
    head,
    new Uint8Array(start - head.length),
    payload,
    new Uint8Array(directoryStart - start - payload.length),
    directory,
  ];
  return {
    bytes: sealImage(pieces, native.setupSize),
    directory: { version: 0, parts },
  };
}

function originalFields({ fields }: BzImage): OriginalFields {
  return {
    syssize: fields.syssize!,
    payload_offset: fields.payload_offset!,
    payload_length: fields.payload_length!,
    init_size: fields.init_size ?? 0,
  };
}

/** `init_size` must hold what a loader reads; the decompressor takes its value from the header. */
function raiseInitSize(native: BzImage, head: Uint8Array, needed: Bytes): void {
  const { init_size: size } = native.fields;
  if (size === undefined || size >= needed) return;
  const page = 4096;
  setHeaderField(head, 'init_size', Math.ceil(needed / page) * page);
}

/** A part that was found again, byte for byte. */
export interface VerifiedPart {
  label: string;
  role: Part['role'];
  sha256: Sha256;
  bytes: Uint8Array;
}

/**
 * Takes a multi-image apart and compares each part with its checksum: the bare
 * part as the whole original bzImage, its header restored, so its
 * protected-mode code is byte-identical to it; the xen part as the payload that
 * the header points at.
 * @throws merge-not-multi, merge-directory-malformed, merge-part-damaged, bzimage-*
 */
export function verifyMultiImage(bytes: Uint8Array): VerifiedPart[] {
  const image = readBzImage(bytes);
  const directory = readDirectory(image);
  if (!directory) throw mergeErrors.notMulti({ why: 'no directory follows the payload' });
  const parts = directory.parts.map((part) => verifyPart(image, part));
  for (const role of ['bare', 'xen'] as const) {
    if (parts.some((part) => part.role === role)) continue;
    throw mergeErrors.directory({ why: `no part has the role ${role}` });
  }
  return parts;
}

function verifyPart(image: BzImage, part: Part): VerifiedPart {
  const { label, role, range } = part;
  const { offset, size } = image.payload!;
  if (role === 'xen' && (range.offset !== offset || range.size !== size)) {
    throw mergeErrors.directory({ why: `part ${label} is not the payload of the header` });
  }
  const bytes = partBytes(image, part);
  const actual = sha256(bytes);
  if (actual !== part.sha256) {
    throw mergeErrors.partDamaged({ label, expected: part.sha256, actual });
  }
  return { label, role, sha256: actual, bytes };
}

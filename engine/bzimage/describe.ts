import { isElf } from '../elf/index.js';
import { bzimageErrors, protocolText } from '../errors/bzimage.js';
import { hex, LabError } from '../errors/lab-error.js';
import type { JobOptions } from '../progress.js';
import type { Bytes, FileOffset } from '../units.js';
import { judgeBoots, type BootVerdict } from './boots-as.js';
import { crcMatches, isBzImage, readBzImage, type BzImage } from './bzimage.js';
import type { CodecName } from './codecs/codec.js';
import { describeDirectory, type MultiImageDescription } from './describe-directory.js';
import { readDirectory } from './directory.js';
import { describeEntries, type EntryPoint } from './entries.js';
import { flagNames, headerFields, loadflags, xloadflags } from './fields.js';
import { describeKernel, type KernelDescription } from './kernel.js';
import { detectCodec } from './payload.js';
import { readPe } from './pe.js';
import { extractVmlinux, readVmlinux, type Vmlinux } from './vmlinux.js';

/**
 * Everything `kbl inspect` and `kbl import` show of a kernel image. Plain data
 * that survives JSON: 64-bit numbers are hexadecimal text.
 */
export interface ImageDescription {
  container: 'bzImage' | 'zImage' | 'vmlinux';
  /** Codec around the whole file (`vmlinux.gz`, Xen's own image); null when there is none. */
  wrapping: CodecName | null;
  size: Bytes;
  setup: SetupDescription | null;
  payload: PayloadDescription | null;
  /** The kernel in it; for a multi-image its base. */
  kernel: KernelDescription | null;
  /** Why `kernel` or `multiImage` is null although there should be one. */
  problem: { code: string; message: string; hint: string } | null;
  efi: EfiDescription | null;
  multiImage: MultiImageDescription | null;
  bootsAs: BootVerdict[];
  entries: EntryPoint[];
}

export interface SetupDescription {
  /** `2.15`. */
  protocol: string;
  kernelVersion: string | null;
  fields: { name: string; offset: FileOffset; value: string; use: string }[];
  loadflags: string[];
  xloadflags: string[];
  setupSize: Bytes;
  protectedModeSize: Bytes;
  /** False for signed images, whose header was changed after the checksum was made. */
  crcMatches: boolean;
}

export interface PayloadDescription {
  codec: CodecName | 'lzo' | 'unknown';
  offset: FileOffset;
  size: Bytes;
  unpackedSize: Bytes | null;
}

export interface EfiDescription {
  /** `x86-64`, `i386`. */
  machine: string;
  sizeOfImage: Bytes;
  sections: string[];
  signed: boolean;
}

/**
 * Describes a bzImage, a vmlinux, or a compressed vmlinux. What is wrong inside
 * of a bzImage is reported as `problem`, so that its header can still be seen.
 * @throws image-not-kernel, bzimage-*, elf-*, payload-*, cancelled
 */
export async function describeImage(
  bytes: Uint8Array,
  options: JobOptions & { limit?: Bytes | undefined } = {},
): Promise<ImageDescription> {
  if (isBzImage(bytes)) return describeBzImage(readBzImage(bytes), options);
  const codec = detectCodec(bytes);
  if (codec === undefined) {
    const found = Buffer.from(bytes.subarray(0, 4)).toString('hex') || 'nothing';
    throw bzimageErrors.notKernel({ found });
  }
  return describeElf(await readVmlinux(bytes, { ...options, sizeAppended: false }), bytes.length);
}

function describeElf(vmlinux: Vmlinux, size: Bytes): ImageDescription {
  const kernel = describeKernel(vmlinux);
  const evidence = { protocol: null, efiStub: false, kernel, problem: null, multiImage: null };
  return {
    container: 'vmlinux',
    wrapping: isElf(vmlinux.bytes) && vmlinux.codec !== 'none' ? vmlinux.codec : null,
    size,
    setup: null,
    payload: null,
    kernel,
    problem: null,
    efi: null,
    multiImage: null,
    bootsAs: judgeBoots(evidence),
    entries: describeEntries(null, null, kernel),
  };
}

async function describeBzImage(
  image: BzImage,
  options: JobOptions & { limit?: Bytes | undefined },
): Promise<ImageDescription> {
  const setup = describeSetup(image);
  const efi = describeEfi(image);
  let problem: ImageDescription['problem'] = null;
  const orNull = async <T>(work: () => T | Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof LabError) || error.kind === 'interrupted') throw error;
      problem ??= { code: error.code, message: error.message, hint: error.hint };
      return null;
    }
  };
  const vmlinux = await orNull(() => extractVmlinux(image, options));
  const kernel = vmlinux && (await orNull(() => describeKernel(vmlinux)));
  const directory = await orNull(() => readDirectory(image));
  const multiImage = directory && describeDirectory(directory);
  const why = (problem as ImageDescription['problem'])?.message ?? null;
  const evidence = {
    protocol: setup.protocol,
    efiStub: efi !== null,
    kernel,
    problem: why,
    multiImage,
  };
  return {
    container: image.kind,
    wrapping: null,
    size: image.bytes.length,
    setup,
    payload: describePayload(image, vmlinux),
    kernel,
    problem,
    efi,
    multiImage,
    bootsAs: judgeBoots(evidence),
    entries: describeEntries(image, readPe(image.bytes), kernel),
  };
}

function describeSetup(image: BzImage): SetupDescription {
  const { fields, protocol } = image;
  const known = headerFields.filter(({ name }) => fields[name] !== undefined);
  return {
    protocol: protocolText(protocol),
    kernelVersion: image.kernelVersion,
    fields: known.map(({ name, offset, use }) => ({
      name,
      offset,
      value: hex(fields[name]!),
      use,
    })),
    loadflags: flagNames(loadflags, fields.loadflags ?? 0),
    xloadflags: flagNames(xloadflags, fields.xloadflags ?? 0),
    setupSize: image.setupSize,
    protectedModeSize: image.protectedMode.size,
    crcMatches: crcMatches(image),
  };
}

function describePayload(image: BzImage, vmlinux: Vmlinux | null): PayloadDescription | null {
  if (!image.payload) return null;
  const { offset, size } = image.payload;
  const codec = detectCodec(image.bytes.subarray(offset, offset + size)) ?? 'unknown';
  return { codec, offset, size, unpackedSize: vmlinux?.bytes.length ?? null };
}

function describeEfi(image: BzImage): EfiDescription | null {
  const pe = readPe(image.bytes);
  if (!pe) return null;
  const machines: Record<number, string> = { 0x8664: 'x86-64', 0x14c: 'i386' };
  return {
    machine: machines[pe.machine] ?? hex(pe.machine),
    sizeOfImage: pe.sizeOfImage,
    sections: pe.sections.map((section) => section.name),
    signed: pe.certificates !== null,
  };
}

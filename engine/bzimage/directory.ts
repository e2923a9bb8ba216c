import { viewOf } from '../elf/header.js';
import { cString } from '../elf/notes.js';
import { mergeErrors } from '../errors/merge.js';
import type { Bytes, FileOffset, PhysicalAddress, Sha256 } from '../units.js';
import { alignParagraph } from './write.js';
import type { BzImage } from './bzimage.js';
import { fletcher64 } from './fletcher64.js';

/**
 * The directory of a multi-image: which flavours are in it, how each is rebuilt
 * from the payload, and which is chosen when. It stands behind the payload that
 * the setup header points at, at the next multiple of 16 bytes, and the recipes
 * follow it. docs/multi-image.md has the format byte by byte;
 * engine/native/multi/directory.c reads it at boot.
 */
export interface Directory {
  carrier: Carrier;
  flavours: Flavour[];
  /** Index of the flavour whose kernel is the payload. */
  base: number;
  /** Index of the flavour used when nothing decides. */
  fallback: number;
  /** Tried in order. */
  rules: SelectionRule[];
}

/**
 * The code that chooses a flavour and rebuilds it at boot: the kernel's own
 * decompressor, which starts wherever the kernel does; or the lab's boot stub,
 * which loaders of the BIOS boot protocol start, and UEFI does not.
 */
export const carriers = ['decompressor', 'stub'] as const;
export type Carrier = (typeof carriers)[number];

/** One kernel of the file. Sizes are those of its unpacked payload: the ELF, then relocations. */
export interface Flavour {
  name: string;
  imageSize: Bytes;
  /** Of that, the relocations behind the ELF. */
  tailSize: Bytes;
  /** Work memory that rebuilding it needs, besides itself and the base. */
  workSize: Bytes;
  /**
   * How far behind the rebuilt image's first byte the unpacked base may begin, to be overwritten
   * as it is read; `imageSize` when the two must not overlap. 0 for the base itself.
   */
  distance: Bytes;
  /** From the first to the last byte of its loaded segments, `.bss` and all. */
  memorySize: Bytes;
  /** Checksum of the unpacked payload (fletcher64.ts). */
  checksum: bigint;
  /** Where its first segment wants to be loaded (`p_paddr`). */
  loadAddress: PhysicalAddress;
  /** SHA-256 of the bzImage it came from. */
  original: Sha256;
  /** `init_size` of that bzImage. */
  initSize: Bytes;
  /** How to rebuild it from the base; empty for the base itself. */
  recipe: Uint8Array;
}

/** Takes a flavour when a hypervisor has this signature (CPUID 0x40000000: EBX, ECX, EDX). */
export interface SelectionRule {
  /** Up to 12 letters, `XenVMMXenVMM`; shorter ones are padded with NUL. */
  signature: string;
  /** Index of the flavour. */
  flavour: number;
}

const magic = Buffer.from('KBLMULTI');
export const directoryVersion = 1;
const headerSize: Bytes = 64;
const flavourSize: Bytes = 128;
const ruleSize: Bytes = 16;
const signatureSize: Bytes = 12;
const carrierAt: FileOffset = 18;
const checksumAt: FileOffset = 32;
/** As many as the code that reads it at boot has room for. */
export const mostFlavours = 16;
export const mostRules = 64;

/** 1 to 15 characters that can be typed behind `kbl.flavour=` and printed. */
export function isFlavourName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/.test(name);
}

/** 1 to 12 printable characters: what CPUID leaf 0x40000000 has in EBX, ECX and EDX. */
export function isSignature(signature: string): boolean {
  return /^[ -~]{1,12}$/.test(signature);
}

/** The bytes of a directory with its recipes behind it. */
export function encodeDirectory(directory: Directory): Uint8Array {
  const { flavours, rules, base, fallback } = directory;
  const size = headerSize + flavours.length * flavourSize + rules.length * ruleSize;
  const total = flavours.reduce((sum, { recipe }) => sum + recipe.length, size);
  const bytes = new Uint8Array(total);
  const view = viewOf(bytes);
  bytes.set(magic, 0);
  [directoryVersion, flavours.length, rules.length, base, fallback].forEach((value, i) =>
    view.setUint16(8 + 2 * i, value, true),
  );
  view.setUint16(carrierAt, carriers.indexOf(directory.carrier), true);
  view.setUint32(20, size, true);
  view.setUint32(24, total, true);
  let recipeAt = size;
  flavours.forEach((flavour, i) => {
    encodeFlavour(bytes, headerSize + i * flavourSize, flavour, recipeAt);
    bytes.set(flavour.recipe, recipeAt);
    recipeAt += flavour.recipe.length;
  });
  rules.forEach(({ signature, flavour }, i) => {
    const at = headerSize + flavours.length * flavourSize + i * ruleSize;
    bytes.set(Buffer.from(signature, 'latin1').subarray(0, signatureSize), at);
    view.setUint16(at + signatureSize, flavour, true);
  });
  view.setBigUint64(checksumAt, fletcher64(bytes.subarray(0, size)), true);
  return bytes;
}

function encodeFlavour(
  bytes: Uint8Array,
  at: FileOffset,
  flavour: Flavour,
  recipeAt: number,
): void {
  const view = viewOf(bytes);
  const { recipe } = flavour;
  bytes.set(Buffer.from(flavour.name, 'latin1'), at);
  view.setUint32(at + 16, recipe.length === 0 ? 0 : recipeAt, true);
  view.setUint32(at + 20, recipe.length, true);
  view.setUint32(at + 24, flavour.imageSize, true);
  view.setUint32(at + 28, flavour.tailSize, true);
  view.setUint32(at + 32, flavour.workSize, true);
  view.setUint32(at + 36, flavour.memorySize, true);
  view.setBigUint64(at + 40, flavour.checksum, true);
  view.setBigUint64(at + 48, flavour.loadAddress, true);
  view.setUint32(at + 56, flavour.distance, true);
  bytes.set(Buffer.from(flavour.original, 'hex'), at + 64);
  view.setUint32(at + 96, flavour.initSize, true);
}

/** Where the directory of an image would be: behind its payload. */
export function directoryOffset({ payload }: BzImage): FileOffset | null {
  return payload && alignParagraph(payload.offset + payload.size);
}

/**
 * The directory of a multi-image; null when there is none.
 * @throws merge-directory-malformed
 */
export function readDirectory(image: BzImage): Directory | null {
  const at = directoryOffset(image);
  if (at === null || !magic.equals(image.bytes.subarray(at, at + magic.length))) return null;
  return decodeDirectory(image.bytes.subarray(at), at);
}

/**
 * Reads a directory. Recipes are views of the given bytes.
 * @param bytes from its first byte on; what follows the last recipe is ignored
 * @param offset where that is in the file, for errors
 * @throws merge-directory-malformed
 */
export function decodeDirectory(bytes: Uint8Array, offset: FileOffset = 0): Directory {
  const wrong = (why: string, at: number = 0): Error =>
    mergeErrors.directory({ why, place: { offset: offset + at } });
  if (bytes.length < headerSize) throw wrong('the file ends in its header');
  if (!magic.equals(bytes.subarray(0, magic.length))) throw wrong('its magic is missing');
  const view = viewOf(bytes);
  const [version, flavourCount, ruleCount, base, fallback] = [8, 10, 12, 14, 16].map((at) =>
    view.getUint16(at, true),
  ) as [number, number, number, number, number];
  if (version !== directoryVersion) {
    throw wrong(`its version is ${version}, this lab knows ${directoryVersion}`, 8);
  }
  if (flavourCount > mostFlavours) throw wrong(`it has ${flavourCount} flavours`, 10);
  if (ruleCount > mostRules) throw wrong(`it has ${ruleCount} rules`, 12);
  if (base >= flavourCount) throw wrong('its base is no flavour', 14);
  if (fallback >= flavourCount) throw wrong('its default is no flavour', 16);
  const carrier = carriers[view.getUint16(carrierAt, true)];
  if (!carrier) throw wrong('nothing known carries it', carrierAt);
  const rulesAt = headerSize + flavourCount * flavourSize;
  const size = rulesAt + ruleCount * ruleSize;
  const total = view.getUint32(24, true);
  if (view.getUint32(20, true) !== size) throw wrong('its size does not fit its entries', 20);
  if (total < size || total > bytes.length) throw wrong('its recipes lie outside of the file', 24);
  const head = new Uint8Array(bytes.subarray(0, size));
  viewOf(head).setBigUint64(checksumAt, 0n, true);
  if (fletcher64(head) !== view.getBigUint64(checksumAt, true)) {
    throw wrong('its checksum is wrong', checksumAt);
  }

  const flavours = Array.from({ length: flavourCount }, (_, i) => {
    const at = headerSize + i * flavourSize;
    const flavour = decodeFlavour(bytes.subarray(0, total), at, size);
    if (typeof flavour === 'string') throw wrong(flavour, at);
    if ((flavour.recipe.length === 0) !== (i === base)) {
      throw wrong(`flavour ${flavour.name} should ${i === base ? 'not ' : ''}have a recipe`, at);
    }
    return flavour;
  });
  if (new Set(flavours.map(({ name }) => name)).size < flavourCount) {
    throw wrong('two flavours have the same name');
  }
  const rules = Array.from({ length: ruleCount }, (_, i) => {
    const at = rulesAt + i * ruleSize;
    const flavour = view.getUint16(at + signatureSize, true);
    if (flavour >= flavourCount) throw wrong(`rule ${i} chooses no flavour`, at);
    const letters = Buffer.from(bytes.subarray(at, at + signatureSize)).toString('latin1');
    return { signature: letters.replace(/\0+$/, ''), flavour };
  });
  return { carrier, flavours, base, fallback, rules };
}

/** One entry, or what is wrong with it. */
function decodeFlavour(bytes: Uint8Array, at: FileOffset, directorySize: Bytes): Flavour | string {
  const view = viewOf(bytes);
  const name = cString(bytes.subarray(at, at + 16));
  const recipeAt = view.getUint32(at + 16, true);
  const recipeSize = view.getUint32(at + 20, true);
  const flavour = {
    name,
    imageSize: view.getUint32(at + 24, true),
    tailSize: view.getUint32(at + 28, true),
    workSize: view.getUint32(at + 32, true),
    memorySize: view.getUint32(at + 36, true),
    checksum: view.getBigUint64(at + 40, true),
    loadAddress: view.getBigUint64(at + 48, true),
    distance: view.getUint32(at + 56, true),
    original: Buffer.from(bytes.subarray(at + 64, at + 96)).toString('hex'),
    initSize: view.getUint32(at + 96, true),
    recipe: bytes.subarray(recipeAt, recipeAt + recipeSize),
  };
  if (!isFlavourName(name)) return 'the name of a flavour is not printable';
  if (flavour.tailSize > flavour.imageSize) {
    return `flavour ${name} has more relocations than image`;
  }
  if (recipeSize > 0 && (recipeAt < directorySize || recipeAt + recipeSize > bytes.length)) {
    return `the recipe of flavour ${name} lies outside of the file`;
  }
  return flavour;
}

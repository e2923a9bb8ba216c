import { hex } from '../errors/lab-error.js';
import type { Bytes, Sha256 } from '../units.js';
import { directoryVersion, type Carrier, type Directory, type Flavour } from './directory.js';

/** What the directory of a multi-image says, as plain data. */
export interface MultiImageDescription {
  version: number;
  carrier: Carrier;
  /** Name of the flavour that is stored whole. */
  base: string;
  /** Name of the flavour that boots when nothing decides. */
  default: string;
  rules: { signature: string; flavour: string }[];
  flavours: FlavourDescription[];
}

export interface FlavourDescription {
  name: string;
  stored: 'base' | 'recipe';
  /** Bytes of its recipe; 0 for the base. */
  recipeSize: Bytes;
  /** Of the unpacked payload, relocations included. */
  unpackedSize: Bytes;
  relocationsSize: Bytes;
  /** Loaded segments with .bss. */
  memorySize: Bytes;
  /** Scratch memory for rebuilding it at boot. */
  workSize: Bytes;
  loadAddress: string;
  /** Fletcher-64 of the unpacked payload, 16 hexadecimal digits. */
  checksum: string;
  /** SHA-256 of the bzImage it came from. */
  original: Sha256;
}

export function describeDirectory(directory: Directory): MultiImageDescription {
  const { carrier, flavours, base, fallback, rules } = directory;
  return {
    version: directoryVersion,
    carrier,
    base: flavours[base]!.name,
    default: flavours[fallback]!.name,
    rules: rules.map(({ signature, flavour }) => ({
      signature,
      flavour: flavours[flavour]!.name,
    })),
    flavours: flavours.map((flavour, i) => describeFlavour(flavour, i === base)),
  };
}

function describeFlavour(flavour: Flavour, isBase: boolean): FlavourDescription {
  return {
    name: flavour.name,
    stored: isBase ? 'base' : 'recipe',
    recipeSize: flavour.recipe.length,
    unpackedSize: flavour.imageSize,
    relocationsSize: flavour.tailSize,
    memorySize: flavour.memorySize,
    workSize: flavour.workSize,
    loadAddress: hex(flavour.loadAddress),
    checksum: checksumText(flavour.checksum),
    original: flavour.original,
  };
}

export function checksumText(checksum: bigint): string {
  return checksum.toString(16).padStart(16, '0');
}

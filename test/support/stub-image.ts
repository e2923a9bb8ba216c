import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import {
  decodeDirectory,
  directoryOffset,
  encodeDirectory,
  type Directory,
} from '../../engine/bzimage/directory.js';
import {
  copyOf,
  extractVmlinux,
  readBzImage,
  sealImage,
  setHeaderField,
  writeCrc,
} from '../../engine/bzimage/index.js';
import { mergeKernels } from '../../engine/merge/merge.js';
import type { Workspace } from '../../engine/workspace/types.js';

export interface StubImageRequest {
  /** bzImages by flavour; the last one that Xen can boot is the base. */
  flavours: Record<string, string | Uint8Array>;
  fallback: string;
  /** Hypervisor's signature to flavour. */
  rules?: Record<string, string>;
}

/** Merges bzImages as if no build folder were at hand: with the boot stub. */
export async function stubImage(
  workspace: Workspace,
  { flavours, fallback, rules = {} }: StubImageRequest,
): Promise<Uint8Array> {
  const inputs = Object.entries(flavours).map(([name, image]) => ({
    name,
    bytes: typeof image === 'string' ? readFileSync(image) : image,
    tree: null,
  }));
  const { bytes } = await mergeKernels(workspace, inputs, {
    fallback,
    rules: Object.entries(rules).map(([signature, flavour]) => ({ signature, flavour })),
  });
  return bytes;
}

const packers = {
  gzip: 'gzip -n9',
  xz: 'xz -c --check=crc32 --x86 --lzma2=preset=1,dict=32MiB',
  zstd: 'zstd -q -3',
} as const;

/**
 * A bzImage with the same kernel packed by another codec, as the kernel's build
 * does it (scripts/Makefile.lib). It has no decompressor for it: it can only be merged.
 */
export async function repacked(file: string, codec: keyof typeof packers): Promise<Uint8Array> {
  const image = readBzImage(readFileSync(file));
  const { bytes: kernel } = await extractVmlinux(image);
  const [program = '', ...argv] = packers[codec].split(' ');
  const packed = execFileSync(program, argv, { input: kernel, maxBuffer: kernel.length });
  const size = Buffer.alloc(codec === 'gzip' ? 0 : 4);
  if (codec !== 'gzip') size.writeUInt32LE(kernel.length);
  const setup = copyOf(image.bytes, 0, image.setupSize);
  setHeaderField(setup, 'payload_offset', 0);
  setHeaderField(setup, 'payload_length', packed.length + size.length);
  return sealImage([setup, packed, size], setup.length);
}

/** A copy with its directory changed, checksums made good again. */
export function withDirectory(
  bytes: Uint8Array,
  change: (directory: Directory) => void,
): Uint8Array {
  const copy = copyOf(bytes);
  const at = directoryOffset(readBzImage(copy))!;
  const directory = decodeDirectory(copy.subarray(at));
  change(directory);
  copy.set(encodeDirectory(directory), at);
  writeCrc(copy);
  return copy;
}

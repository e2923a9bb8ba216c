import type { Directory, Flavour } from '../../engine/bzimage/directory.js';

/** A flavour for tests that never boot it. */
export function flavour(name: string, changes: Partial<Flavour> = {}): Flavour {
  return {
    name,
    imageSize: 17_000_000,
    tailSize: 150_000,
    workSize: 4096,
    distance: 2_000_000,
    memorySize: 14_000_000,
    checksum: 0x0123456789abcdefn,
    loadAddress: 0x1000000n,
    original: 'ab'.repeat(32),
    initSize: 18_000_000,
    recipe: new TextEncoder().encode(`recipe of ${name}`),
    ...changes,
  };
}

/** Native by default, paravirt under KVM, xen under Xen: as the lab makes them. */
export function threeFlavours(): Directory {
  return {
    carrier: 'decompressor',
    flavours: [
      flavour('native'),
      flavour('paravirt'),
      flavour('xen', { recipe: new Uint8Array(), distance: 0 }),
    ],
    base: 2,
    fallback: 0,
    rules: [
      { signature: 'XenVMMXenVMM', flavour: 2 },
      { signature: 'KVMKVMKVM', flavour: 1 },
    ],
  };
}

/** Offsets of fields in the directory's header. */
export const directoryField = { directorySize: 20, checksum: 32 } as const;

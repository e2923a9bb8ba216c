import { readFile } from 'node:fs/promises';
import { openFileSource } from '../../engine/elf/index.js';
import { readPatchKernel, type PatchKernel } from '../../engine/patch/kernel.js';
import { testKernel } from './kernels.js';
import { stockKernel } from './stock-kernel.js';

/** A real kernel whose patch sites are looked at. */
export interface PatchSubject {
  /** The bzImage. */
  file: string;
  kernel: PatchKernel;
}

const read = new Map<string, Promise<PatchSubject>>();

/** One of the lab's kernels, with its symbols, or Debian's own; unpacked once in each test file. */
export function patchSubject(name: 'native' | 'xen' | 'stock'): Promise<PatchSubject> {
  const known = read.get(name);
  if (known) return known;
  const subject = name === 'stock' ? stock() : lab(name);
  read.set(name, subject);
  return subject;
}

async function lab(flavour: 'native' | 'xen'): Promise<PatchSubject> {
  const { bzImage: file, vmlinux } = testKernel(flavour);
  const symbols = openFileSource(vmlinux);
  try {
    const bytes = await readFile(file);
    return { file, kernel: await readPatchKernel({ label: flavour, bytes, vmlinux: symbols }) };
  } finally {
    symbols.close();
  }
}

async function stock(): Promise<PatchSubject> {
  const file = stockKernel();
  return { file, kernel: await readPatchKernel({ label: 'stock', bytes: await readFile(file) }) };
}

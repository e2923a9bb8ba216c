import { namesOfKallsyms } from '../../engine/kernel/names.js';
import type { PatchKernel } from '../../engine/patch/kernel.js';
import type { Target } from '../../engine/patch/types.js';
import { ByteWriter } from './elf-builder.js';

/** A kernel of a few sections with crafted tables, for tests of the families of sites. */

export const textAt = -0x7f00_0000;
export const replacementAt = textAt + 0x1_0000;
export const dataAt = textAt + 0x2_0000;
export const initAt = textAt + 0x3_0000;
const tablesAt = textAt + 0x4_0000;

/** Where the words of features are, and pv_ops. */
export const wordsAt = dataAt + 0x800;
const wordCount = 24;

export interface TableKernel {
  /** From the start of `.text`; the rest, up to 4 KB, is INT3. */
  text?: Readonly<Record<number, readonly number[]>>;
  replacement?: readonly number[];
  tables?: Readonly<Record<string, Uint8Array>>;
  names?: Readonly<Record<string, number>>;
  version?: string;
}

/** Where a table begins that is the only one. */
export const tableAt = tablesAt;

export function tableKernel(request: TableKernel): PatchKernel {
  const { text = {}, replacement = [], tables = {}, names = {}, version = '6.1.0' } = request;
  const code = new Uint8Array(0x1000).fill(0xcc);
  for (const [offset, bytes] of Object.entries(text)) code.set(bytes, Number(offset));
  const contents = [
    { name: '.text', start: textAt, bytes: code, executable: true },
    {
      ...{ name: '.altinstr_replacement', start: replacementAt, executable: true },
      bytes: Uint8Array.from([...replacement, ...new Array<number>(64).fill(0xcc)]),
    },
    { name: '.data', start: dataAt, bytes: new Uint8Array(0x1000), executable: false },
    { name: '.init.text', start: initAt, bytes: featureTest(), executable: true },
    ...Object.entries(tables).map(([name, bytes], i) => ({
      ...{ name, start: tablesAt + 0x1_0000 * i, bytes, executable: false },
    })),
  ];
  const payload = new Uint8Array(contents.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let offset = 0;
  const sections = contents.map(({ bytes, ...rest }, index) => {
    const own = { ...rest, index, offset, size: bytes.length, writable: !rest.executable };
    payload.set(bytes, offset);
    offset += bytes.length;
    return { ...own, bytes: payload.subarray(own.offset, offset) };
  });
  const named = Object.entries({ apply_alternatives: initAt, ...names });
  named.sort(([, a], [, b]) => a - b);
  const kernel = {
    ...{ label: 'crafted', version, payload, sections, namesFrom: 'kallsyms' },
    text: { start: textAt, end: textAt + 0x1000 },
    names: namesOfKallsyms({
      ...{ count: named.length, name: (i) => named[i]![0], type: () => 't' },
      address: Uint32Array.from(named, ([, address]) => address),
    }),
  };
  return kernel as unknown as PatchKernel;
}

/** What the compiler makes of the BUG_ON and boot_cpu_has() of apply_alternatives(). */
function featureTest(): Uint8Array {
  const bytes = new ByteWriter().raw([0x66, 0x3d]).uint(wordCount * 32 - 1, 2);
  const next = initAt + bytes.length + 8;
  return bytes
    .raw([0x48, 0x0f, 0xa3, 0x15])
    .uint(wordsAt - next, 4)
    .raw([0xc3])
    .done();
}

/** A target whose memory is the kernel's own data, with features and 8-byte words changed. */
export function tableTarget(
  kernel: PatchKernel,
  features: readonly number[] = [],
  words: Readonly<Record<number, number>> = {},
): Target {
  const { bytes, start } = kernel.sections.find(({ name }) => name === '.data')!;
  const memory = Uint8Array.from(bytes);
  const view = new DataView(memory.buffer);
  for (const feature of [0, 61, 117, ...features]) {
    memory[wordsAt - start + (feature >> 3)]! |= 1 << (feature & 7);
  }
  for (const [at, word] of Object.entries(words)) {
    view.setBigInt64(Number(at) - start, BigInt(word), true);
  }
  return {
    ...{ environment: 'bare', cpu: 'qemu64' },
    memory: {
      read(address, size) {
        if (address < start || address + size > start + memory.length) throw new Error('not there');
        return memory.slice(address - start, address - start + size);
      },
    },
  };
}

export interface CraftedAlternative {
  site: number;
  size: number;
  replacement?: number;
  replacementSize: number;
  feature: number;
  not?: boolean;
  directCall?: boolean;
}

/** `.altinstructions` in the layout of Linux 6.1 (12 bytes) or 6.12 (14). */
export function alternativeTable(
  rows: readonly CraftedAlternative[],
  layout: 12 | 14 = 12,
): Uint8Array {
  const table = new ByteWriter();
  for (const row of rows) {
    const here = tablesAt + table.length;
    const { site, size, replacement = replacementAt, replacementSize, feature } = row;
    table.uint(site - here, 4).uint(replacement - here - 4, 4);
    if (layout === 12) table.uint(feature | (row.not === true ? 0x8000 : 0), 2);
    else
      table
        .uint(feature, 2)
        .uint(Number(row.not ?? false) + 2 * Number(row.directCall ?? false), 2);
    table.uint(size, 1).uint(replacementSize, 1);
  }
  return table.done();
}

/** `.parainstructions`. */
export function paravirtTable(
  rows: readonly { site: number; type: number; size: number }[],
): Uint8Array {
  const table = new ByteWriter();
  for (const { site, type, size } of rows) {
    table
      .uint(BigInt.asUintN(64, BigInt(site)), 8)
      .uint(type, 1)
      .uint(size, 1)
      .uint(0, 6);
  }
  return table.done();
}

/** A table of distances, such as `.smp_locks`. */
export function distanceTable(sites: readonly number[]): Uint8Array {
  const table = new ByteWriter();
  sites.forEach((site, i) => table.uint(site - tablesAt - 4 * i, 4));
  return table.done();
}

/** Little-endian distance of a branch that ends at `next`. */
export function distance(next: number, target: number): number[] {
  return [...new ByteWriter().uint(target - next, 4).done()];
}

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readThinArchive } from '../../engine/compare/thin-archive.js';
import { openFileSource } from '../../engine/elf/index.js';
import { readKernelSize, type KernelSize } from '../../engine/size/kernel-size.js';
import { readLinkMap } from '../../engine/size/link-map.js';
import { rollUp, totalsOf } from '../../engine/size/roll-up.js';
import { leafKinds } from '../../engine/size/types.js';
import { testKernel } from '../support/kernels.js';

/** What real kernels' sizes are made of, against what binutils say of the same files. */

function sizeOf(flavour: 'native' | 'xen', by: 'map' | 'symbols'): KernelSize {
  const { vmlinux, linkMap, tree } = testKernel(flavour);
  const archive = join(tree, 'vmlinux.a');
  const source = openFileSource(vmlinux);
  onTestFinished(() => source.close());
  return readKernelSize({
    label: flavour,
    source,
    linkMap: by === 'map' ? readLinkMap(readFileSync(linkMap, 'latin1'), linkMap) : undefined,
    objects: readThinArchive(readFileSync(archive), archive),
  });
}

const tool = (program: string, ...argv: string[]): string =>
  execFileSync(program, argv, { encoding: 'utf8', maxBuffer: 2 ** 28 });

/** Sizes of the sections that take memory, as `readelf -S` has them. */
function sectionsOf(vmlinux: string): Map<string, number> {
  const line =
    /^\s*\[ *\d+\] (\S+) +\S+ +[0-9a-f]{16} [0-9a-f]{6,} ([0-9a-f]{6,}) \S+ +(\S*A\S*) /gm;
  const text = tool('readelf', '-SW', vmlinux);
  return new Map(
    [...text.matchAll(line)]
      .map(([, name, size]): [string, number] => [name!, parseInt(size!, 16)])
      .filter(([, size]) => size > 0),
  );
}

/** Whether what symbols tell is true, be it only a folder, or a file without its folder. */
function isAt(told: string, truth: string): boolean {
  if (told.endsWith('(some file)'))
    return truth.startsWith(told.slice(0, told.lastIndexOf('/') + 1));
  if (told.includes('/')) return told === truth;
  const base = (path: string): string =>
    path.slice(path.lastIndexOf('/') + 1).replace(/\.\w+$/, '');
  return base(told) === base(truth);
}

describe.each(['native', 'xen'] as const)('the size of the %s kernel', (flavour) => {
  it.each(['map', 'symbols'] as const)('has every byte of every section once, by %s', (by) => {
    const { sections, leaves } = sizeOf(flavour, by);
    const sums = new Array<number>(sections.length).fill(0);
    for (let i = 0; i < leaves.length; i++) sums[leaves.section[i]!]! += leaves.size[i]!;
    expect(new Map(sections.map(({ name }, i) => [name, sums[i]!]))).toEqual(
      sectionsOf(testKernel(flavour).vmlinux),
    );
    // No row lies over another.
    for (let i = 1; i < leaves.length; i++) {
      if (leaves.section[i] !== leaves.section[i - 1]) continue;
      expect(leaves.start[i]).toBe(leaves.start[i - 1]! + leaves.size[i - 1]!);
    }
  });

  it('is told by the link map for all but padding and what files share', () => {
    const size = sizeOf(flavour, 'map');
    expect(size).toMatchObject({ attribution: 'link-map', notes: [] });
    const totals = totalsOf(size);
    const unattributed = rollUp(size, 'object').find(({ name }) => /no object/.test(name))!;
    // Strings that were merged, and what the linker script reserves.
    expect(unattributed.code).toBe(0);
    expect(unattributed.rodata).toBeLessThan(totals.rodata / 10);
    expect(unattributed.data).toBeLessThan(totals.data / 100);
  });

  it('gives functions to the files that define them', () => {
    const { leaves, objects } = sizeOf(flavour, 'map');
    const fileOf = (name: string): (string | undefined)[] =>
      leaves.name.flatMap((one, i) =>
        one === name && leafKinds[leaves.kind[i]!] === 'function'
          ? [objects[leaves.object[i]!]]
          : [],
      );
    expect(fileOf('schedule')).toEqual(['kernel/sched/core.o']);
    expect(fileOf('start_kernel')).toEqual(['init/main.o']);
    expect(fileOf('pci_scan_bus')).toEqual(['drivers/pci/probe.o']);
    expect(fileOf('memcpy')).toEqual(['arch/x86/lib/memcpy_64.o']);
    expect(fileOf('entry_SYSCALL_64')).toEqual(['arch/x86/entry/entry_64.o']);
  });

  it('is told otherwise by symbols than by the link map for less than one in a thousand', () => {
    const [exact, guessed] = [sizeOf(flavour, 'map'), sizeOf(flavour, 'symbols')];
    const objectAt = new Map<number, string | undefined>();
    for (let i = 0; i < exact.leaves.length; i++) {
      objectAt.set(exact.leaves.start[i]!, exact.objects[exact.leaves.object[i]!]);
    }
    let told = 0;
    const wrong: string[] = [];
    for (let i = 0; i < guessed.leaves.length; i++) {
      const object = guessed.objects[guessed.leaves.object[i]!];
      const truth = objectAt.get(guessed.leaves.start[i]!);
      if (object === undefined || truth === undefined) continue;
      told++;
      const agrees = isAt(object, truth);
      if (!agrees) wrong.push(`${guessed.leaves.name[i]}: ${object}, not ${truth}`);
    }
    expect(told).toBeGreaterThan(15_000);
    // Of a global symbol in a section of its own, the neighbours may be of another folder.
    expect(wrong.length, wrong.slice(0, 20).join('\n')).toBeLessThan(told / 1000);
  });
});

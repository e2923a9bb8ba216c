import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ImageRecord } from '../../db/records.js';
import { patchDocument } from '../../engine/contract.js';
import { exitCodes } from '../../engine/errors/index.js';
import { findOrImport } from '../../engine/images/find-image.js';
import {
  patchImage,
  type PatchImageRequest,
  type PatchedImage,
} from '../../engine/images/patch-image.js';
import { openImageKernel } from '../../engine/images/patch-kernel.js';
import { viewOf } from '../../engine/elf/header.js';
import { placeText } from '../../engine/kernel/names.js';
import { sectionAt } from '../../engine/kernel/sections.js';
import { readPatchKernel, type PatchKernel } from '../../engine/patch/kernel.js';
import { imageRange, observe, type ObserveServices } from '../../engine/patch/observe/index.js';
import { digestOf } from '../../engine/patch/observe/keep.js';
import type { KernelMemory } from '../../engine/patch/types.js';
import { lookAtGuest, type StoppedGuest } from '../support/guest-state.js';
import { kernelBase, kernelLayout } from '../support/kernel-base.js';
import { kbl } from '../support/kbl.js';
import { testKernel } from '../support/kernels.js';
import { costs, measureOnce } from '../support/measure.js';
import { sharedWorkspace } from '../support/shared-workspace.js';
import { stockKernel } from '../support/stock-kernel.js';
import { testFolder } from '../support/test-folder.js';

/** Kernels that were patched offline: what their text is, and that they boot. */

type Name = 'native' | 'xen' | 'stock';

async function imageOf({ workspace }: ObserveServices, name: Name): Promise<ImageRecord> {
  if (name === 'stock') return findOrImport(workspace, stockKernel());
  const digest = digestOf(await readFile(testKernel(name).bzImage));
  return (await workspace.database.images.bySha256(digest))!;
}

async function patched(
  services: ObserveServices,
  name: Name,
  request: PatchImageRequest,
): Promise<PatchedImage> {
  const image = await imageOf(services, name);
  return patchImage(services.workspace, services.emulator, image, request);
}

/** Boots a patched image where it was patched for, and looks at it as `kbl observe` does. */
async function lookAt(services: ObserveServices, { image, observation }: PatchedImage) {
  const { kernel } = await openImageKernel(services.workspace, image);
  const file = services.workspace.store.path(image.sha256);
  const { environment } = observation;
  return { kernel, ...(await observe(services, { kernel, file, environment })) };
}

const textOf = ({ text: { start, end } }: PatchKernel, memory: KernelMemory): Buffer =>
  Buffer.from(memory.read(start, end - start, 'the text'));

/** Places where two texts begin to differ. */
function differences(kernel: PatchKernel, one: Buffer, other: Buffer): string[] {
  const places: string[] = [];
  for (let i = 0; i < one.length && places.length < 20; i++) {
    if (one[i] === other[i]) continue;
    places.push(placeText(kernel.names, kernel.text.start + i));
    while (one[i] !== other[i]) i++;
  }
  return places;
}

describe.each([
  ['xen', 'bare'],
  ['xen', 'xen-pv-dom0'],
  ['native', 'bare'],
  ['stock', 'bare'],
] as const)('%s for %s', (name, environment) => {
  it('has the text that boot would make, boots, and makes nothing else of it', async () => {
    const services = await sharedWorkspace();
    const result = await patched(services, name, { environment });
    expect(result.patched.text).toMatchObject({ different: 0, runs: [] });
    expect(result.patched.text.changedAtBoot).toBeGreaterThan(5000);

    // Up to user space and a process and a file there: see engine/native/guest/hold.c.
    const own = await lookAt(services, result);
    expect(relocationTrouble(result.kernel, own.kernel)).toEqual([]);
    expect(own.console).toMatch(/^KBL-HOLD/m);
    expect(own.console).not.toMatch(/WARNING|BUG|Oops|Call Trace/);
    const { kernel, observation } = result;
    const [before, after] = [textOf(kernel, observation.memory), textOf(kernel, own.memory)];
    expect(differences(kernel, before, after)).toEqual([]);
  });
});

describe('xen for bare', () => {
  it('counts as it did without, and boots with fewer instructions', async () => {
    const services = await sharedWorkspace();
    const { image, original } = await patched(services, 'xen', { environment: 'bare' });
    const { workspace } = services;
    const workloads = ['null', 'pipe', 'mmap_perf'];
    const cell = ({ sha256 }: ImageRecord) =>
      measureOnce(
        workspace,
        { file: workspace.store.path(sha256), environment: 'bare' },
        { workloads },
      );
    const [before, after] = [await cell(original), await cell(image)];
    expect([before.state, after.state]).toEqual(['done', 'done']);
    expect(costs(after)).toEqual(costs(before));
    expect(Object.keys(costs(after))).toEqual(workloads);
    const [longer, shorter] = [before, after].map(({ bootInstructions }) => bootInstructions!);
    console.log('kernel instructions to /init:', longer!.kernel, 'unpatched,', shorter!.kernel);
    expect(shorter!.kernel).toBeLessThan(longer!.kernel);
  });

  it('boots where KASLR puts it', async () => {
    const services = await sharedWorkspace();
    const { image } = await patched(services, 'xen', { environment: 'bare' });
    const folder = await testFolder();
    const file = services.workspace.store.path(image.sha256);
    const layout = kernelLayout(testKernel('xen').vmlinux);
    const look = async (guest: StoppedGuest) => ({
      console: guest.console,
      base: await kernelBase(guest, layout),
    });
    const withKaslr = (argv: readonly string[]): string[] =>
      argv.map((argument) => argument.replace('nokaslr ', ''));
    const { console, base } = await lookAtGuest(folder, file, look, {}, withKaslr);
    expect(console).not.toMatch(/WARNING|BUG|Oops|Call Trace|KASLR disabled/);
    expect(base.virtual).not.toBe(layout.text);
  });
});

/** Places where the relocation lists of a patched kernel are not what its fields ask for. */
function relocationTrouble(before: PatchKernel, after: PatchKernel): string[] {
  const { start, end } = imageRange(before);
  return (['abs32', 'abs64'] as const).flatMap((list) => {
    const value = (kernel: PatchKernel, at: number) => fieldAt(kernel, at, list);
    const isAddress = (kernel: PatchKernel, at: number): boolean => {
      const held = value(kernel, at);
      return held !== undefined && held >= start && held <= end;
    };
    const [old, now] = [new Set(before.relocations[list]), new Set(after.relocations[list])];
    // Some hold physical addresses, which code of the boot counts on: they are as they were.
    const stray = [...now].filter(
      (at) => !isAddress(after, at) && !(old.has(at) && value(before, at) === value(after, at)),
    );
    const lost = [...old].filter((at) => !now.has(at) && value(before, at) === value(after, at));
    return [
      ...stray.map((at) => `${list}: ${placeText(before.names, at)} holds no address`),
      ...lost.map((at) => `${list}: ${placeText(before.names, at)} is corrected no more`),
    ];
  });
}

/** Undefined in per-CPU data, whose fields are listed by where the data are loaded. */
function fieldAt({ sections }: PatchKernel, at: number, list: 'abs32' | 'abs64') {
  const section = sections[sectionAt(sections, at)];
  const size = list === 'abs32' ? 4 : 8;
  if (!section || at + size > section.start + section.bytes.length) return undefined;
  const view = viewOf(section.bytes);
  const offset = at - section.start;
  return size === 4 ? view.getInt32(offset, true) : Number(view.getBigInt64(offset, true));
}

describe('xen for bare, but for two functions', () => {
  it('has their sites as compiled, in every table, and lets the kernel do them', async () => {
    const services = await sharedWorkspace();
    const except = new Set(['__schedule', 'exc_page_fault']);
    const result = await patched(services, 'xen', { environment: 'bare', except });
    const { text, families } = result.patched;
    expect(text.left).toBeGreaterThan(20);
    expect(text.different).toBe(text.left);
    const kept = new Map(families.map(({ family, settled }) => [family, settled?.kept]));
    for (const family of ['paravirt', 'alternative', 'smp-lock'] as const) {
      expect(kept.get(family), family).toBeGreaterThan(0);
    }
    const own = await lookAt(services, result);
    expect(own.console).toMatch(/^KBL-HOLD/m);
    expect(own.console).not.toMatch(/WARNING|BUG|Oops|Call Trace/);
    const { kernel, observation } = result;
    const [before, after] = [textOf(kernel, observation.memory), textOf(kernel, own.memory)];
    expect(differences(kernel, before, after)).toEqual([]);
  });
});

describe('kbl patch', () => {
  const command = async (words: readonly string[]) => {
    const services = await sharedWorkspace();
    const { name } = await imageOf(services, 'xen');
    const result = await kbl(services.workspace.folders.home, ['patch', name, ...words, '--json']);
    return { services, ...result };
  };

  it('resolves one family, writes the file, and tells of it in one document', async () => {
    const output = join(await testFolder(), 'vmlinuz');
    const words = ['--for', 'bare', '--families', 'paravirt', '-o', output];
    const { services, code, stdout } = await command(words);
    expect(code).toBe(0);
    const { image, file, families, text } = patchDocument.parse(JSON.parse(stdout));
    expect(file).toBe(output);
    expect(families.map(({ family }) => family)).toEqual(['paravirt']);
    // Sites of other families are as they were compiled, and nothing else differs.
    expect(text.left).toBeGreaterThan(5000);
    expect(text.different).toBe(text.left);
    const bytes = await readFile(output);
    expect(bytes.equals(await readFile(services.workspace.store.path(image.sha256)))).toBe(true);

    // The kernel does the rest itself, and ends with the same text.
    const kernel = await readPatchKernel({ label: 'paravirt only', bytes });
    const request = { kernel, environment: 'bare' } as const;
    const own = await observe(services, { ...request, file: output });
    expect(own.console).not.toMatch(/WARNING|BUG|Oops|Call Trace/);
    const whole = await patched(services, 'xen', { environment: 'bare' });
    const expected = textOf(whole.kernel, whole.observation.memory);
    const actual = textOf(whole.kernel, own.memory);
    expect(differences(whole.kernel, expected, actual)).toEqual([]);
  });

  it('refuses a family without the one that is applied to the same bytes before', async () => {
    const { code, stdout } = await command(['--for', 'bare', '--families', 'alternative']);
    expect(code).toBe(exitCodes.usage);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'patch-family-order' } });
  });
});

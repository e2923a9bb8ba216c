import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createQemu, defaultMachine, type BootRequest } from '../../engine/boot/index.js';
import { startQemu } from '../../engine/boot/qemu/guest.js';
import {
  copyOf,
  crcMatches,
  payloadBytes,
  readBzImage,
  readPe,
  writeCrc,
} from '../../engine/bzimage/index.js';
import { directoryOffset, encodeDirectory, readDirectory } from '../../engine/bzimage/directory.js';
import { findSection, memorySource, readElf } from '../../engine/elf/index.js';
import { linkDecompressor, type DecompressorInput } from '../../engine/merge/decompressor.js';
import { bootRequest, imageBooter, type BootedImage } from '../support/boot-image.js';
import {
  decompressorImage,
  decompressorParts,
  type DecompressorParts,
} from '../support/decompressor-image.js';
import { bootFromEfiDisk } from '../support/efi-disk.js';
import { lookAtGuest, type StoppedGuest } from '../support/guest-state.js';
import { kernelAlign, kernelBase, kernelLayout, type KernelBase } from '../support/kernel-base.js';
import { testKernel } from '../support/kernels.js';
import { labError } from '../support/lab-error.js';

/** The multi-image in the kernel's own decompressor: linked, booted, and broken. */

const root = mkdtempSync(join(tmpdir(), 'kbl-decompressor-test-'));
const boot = imageBooter(root);
const native = testKernel('native');
const xen = testKernel('xen');

let parts: DecompressorParts;
let input: Omit<DecompressorInput, 'scratch'>;
let merged: Uint8Array;

beforeAll(async () => {
  parts = await decompressorParts({ native, xen });
  input = { ...parts, directory: encodeDirectory(parts.directory) };
  merged = await decompressorImage(parts);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const scratch = (): string => mkdtempSync(join(root, 'scratch-'));
/** A kernel with pv_ops says so; one without says nothing. */
const hasPvOps = ({ text }: BootedImage): boolean =>
  text.includes('Booting paravirtualized kernel');
const memoryLine = ({ text }: BootedImage): string => /^Memory: .*/m.exec(text)![0];

describe('the linked file', () => {
  it('has the payload where its header says, and the directory behind it', () => {
    const image = readBzImage(merged);
    expect(payloadBytes(image)).toEqual(payloadBytes(readBzImage(readFileSync(xen.bzImage))));
    const directory = readDirectory(image)!;
    expect(directory.flavours.map(({ name }) => name)).toEqual(['native', 'xen']);
    const at = directoryOffset(image)!;
    expect(at % 16).toBe(0);
    const found = merged.subarray(at, at + input.directory.length);
    expect(Buffer.compare(found, input.directory)).toBe(0);
    expect(crcMatches(image)).toBe(true);
  });

  it('asks firmware for the memory that it asks boot loaders for', () => {
    const { fields } = readBzImage(merged);
    const pe = readPe(merged)!;
    const end = Math.max(...pe.sections.map((s) => s.virtualAddress + s.virtualSize));
    expect(pe.sizeOfImage).toBe(end);
    expect(fields.init_size).toBeGreaterThan(pe.sizeOfImage - fields.setup_sects! * 512);
  });

  it('is the same again, from another folder', async () => {
    const folder = join(scratch(), 'a folder with a longer name');
    mkdirSync(folder);
    const again = await linkDecompressor({
      ...input,
      scratch: folder,
    });
    expect(Buffer.compare(again, merged)).toBe(0);
  });

  it('leaves the build folder as it was', async () => {
    const files = ['compressed/misc.o', 'compressed/piggy.o', 'zoffset.h', 'header.o', 'bzImage'];
    const times = (): number[] =>
      files.map((file) => statSync(join(native.tree, 'arch/x86/boot', file)).mtimeMs);
    const before = times();
    await linkDecompressor({ ...input, scratch: scratch() });
    expect(times()).toEqual(before);
  });
});

describe('linking refuses', () => {
  it('a payload of another codec', async () => {
    const payload = Buffer.from('fd377a585a000004', 'hex');
    await expect(linkDecompressor({ ...input, payload, scratch: scratch() })).rejects.toThrow(
      labError('merge-codec-mismatch'),
    );
  });

  it('a folder that is no build folder', async () => {
    await expect(
      linkDecompressor({ ...input, tree: scratch(), scratch: scratch() }),
    ).rejects.toThrow(labError('merge-tree-incomplete'));
  });

  it('a directory that is none', async () => {
    const directory = new Uint8Array(100);
    await expect(linkDecompressor({ ...input, directory, scratch: scratch() })).rejects.toThrow(
      labError('merge-directory-malformed'),
    );
  });

  it('to go on when it is cancelled', async () => {
    const abort = new AbortController();
    const onProgress = (event: { kind: string }): void => {
      if (event.kind === 'step') abort.abort();
    };
    await expect(
      linkDecompressor({ ...input, scratch: scratch() }, { signal: abort.signal, onProgress }),
    ).rejects.toThrow(labError('cancelled'));
  });
});

describe('bare, with BIOS', () => {
  it('boots the default, with as much memory as the kernel alone', async () => {
    const alone = await boot(native.bzImage);
    const result = await boot(merged);
    expect(result.outcome).toBe('completed');
    expect(result.text).toMatch(/^kbl: flavour native \(default\)\r\nLinux version/);
    expect(hasPvOps(result)).toBe(false);
    expect(memoryLine(result)).toBe(memoryLine(alone));
  });

  it('boots the flavour on the command line, with as much memory as the kernel alone', async () => {
    const alone = await boot(xen.bzImage);
    const result = await boot(merged, { append: 'kbl.flavour=xen' });
    expect(result.outcome).toBe('completed');
    expect(result.text).toMatch(/^kbl: flavour xen \(kbl\.flavour=\)\r\n/);
    expect(hasPvOps(result)).toBe(true);
    expect(memoryLine(result)).toBe(memoryLine(alone));
  });

  it('says when the command line names no flavour', async () => {
    const result = await boot(merged, { append: 'kbl.flavour=foo' });
    expect(result.outcome).toBe('completed');
    expect(result.text).toMatch(/^kbl: no flavour foo; native \(default\)\r\n/);
  });

  it('boots the flavour of the hypervisor it runs on', async () => {
    const rules = [{ signature: 'TCGTCGTCGTCG', flavour: 1 }];
    const directory = { ...parts.directory, rules };
    const image = await decompressorImage({ ...parts, directory });
    const result = await boot(image);
    expect(result.outcome).toBe('completed');
    expect(result.text).toMatch(/^kbl: flavour xen \(hypervisor TCGTCGTCGTCG\)\r\n/);
    const named = await boot(image, { append: 'kbl.flavour=native' });
    expect(named.text).toMatch(/^kbl: flavour native \(kbl\.flavour=\)\r\n/);
  });

  it('needs at most 8 MiB more to boot than the kernel alone', async () => {
    const machine = (memory: number): object => ({ machine: { ...defaultMachine, memory } });
    const least = 34;
    expect((await boot(native.bzImage, machine(least - 1))).outcome).not.toBe('completed');
    expect((await boot(merged, machine(least + 8))).outcome).toBe('completed');
  });

  it('speaks once when there is an early console', async () => {
    const { text } = await boot(merged, { append: 'earlyprintk=serial' });
    expect(text.match(/kbl: flavour/g)).toHaveLength(1);
  });
});

/** Where the native kernel's text is linked, and how much of it there is. */
const text = ((): { start: bigint; size: number } => {
  const section = findSection(readElf(memorySource(readFileSync(native.vmlinux))), '.text')!;
  return { start: section.address, size: section.size };
})();
const layout = kernelLayout(native.vmlinux);
const fiveLevels = 1n << 12n;

describe.each(['bare', 'uefi'] as const)('the native kernel in memory: %s', (environment) => {
  let images: Record<'alone' | 'merged', Uint8Array | string>;
  let still: Record<'alone' | 'merged', { console: string; text: Buffer; base: KernelBase }>;

  beforeAll(async () => {
    const look = async (guest: StoppedGuest) => ({
      console: guest.console,
      text: await guest.memory(text.start, text.size),
      base: await kernelBase(guest, layout),
    });
    const stand = (image: Uint8Array | string) => lookAtGuest(root, image, look, { environment });
    images = { alone: native.bzImage, merged };
    still = { alone: await stand(images.alone), merged: await stand(images.merged) };
  });

  it('is as when it booted alone', () => {
    expect(still.merged.console).toMatch(/kbl: flavour native \(default\)\r\n/);
    expect(Buffer.compare(still.merged.text, still.alone.text)).toBe(0);
  });

  it('lies where it was linked without KASLR', () => {
    for (const { base } of [still.alone, still.merged]) {
      expect(base.virtual).toBe(layout.text);
      expect(base.physical % kernelAlign).toBe(0n);
    }
  });

  it.each(['alone', 'merged'] as const)('lies elsewhere with KASLR: %s', async (which) => {
    const { base } = still[which];
    const bases: KernelBase[] = [];
    const moved = (address: keyof KernelBase): boolean =>
      bases.some((drawn) => drawn[address] !== base[address]);
    // One of some hundred places is the one without KASLR, and as likely as any other.
    for (let seed = 1; seed <= 4 && !(moved('virtual') && moved('physical')); seed++) {
      bases.push(await drawnBase(images[which], environment, seed));
    }
    expect([moved('virtual'), moved('physical')]).toEqual([true, true]);
    for (const { virtual, physical } of bases) {
      expect([virtual % kernelAlign, physical % kernelAlign]).toEqual([0n, 0n]);
    }
  });
});

/**
 * Where the kernel is with KASLR. It draws by RDRAND, which the emulator answers
 * from its seed: an image and a seed always give the same place.
 */
function drawnBase(
  image: Uint8Array | string,
  environment: BootRequest['environment'],
  seed: number,
): Promise<KernelBase> {
  const machine = { ...defaultMachine, cpu: `${defaultMachine.cpu},+rdrand` };
  const change = (argv: readonly string[]): string[] =>
    argv.map((word, i) =>
      argv[i - 1] === '-seed' ? String(seed) : word.replace(/\bnokaslr /, ''),
    );
  const look = (guest: StoppedGuest): Promise<KernelBase> => kernelBase(guest, layout);
  return lookAtGuest(root, image, look, { environment, machine }, change);
}

describe('the native kernel', () => {
  it('uses 5-level paging where the processor has it', async () => {
    const machine = { cpu: 'max', memory: 768, dom0Memory: 384 };
    const look = async (guest: StoppedGuest) => ({
      console: guest.console,
      cr4: await guest.register('CR4'),
    });
    const { console, cr4 } = await lookAtGuest(root, merged, look, { machine });
    expect(console).toMatch(/^kbl: flavour native/m);
    expect(cr4 & fiveLevels).toBe(fiveLevels);
  });
});

describe('as PV dom0', () => {
  it('is the base, which Xen unpacks itself', async () => {
    const alone = await boot(xen.bzImage, { environment: 'xen-pv-dom0' });
    const result = await boot(merged, { environment: 'xen-pv-dom0' });
    expect(result.outcome).toBe('completed');
    expect(result.text).not.toMatch(/kbl:/);
    expect(result.text).toMatch(/Booting kernel on Xen/);
    expect(memoryLine(result)).toBe(memoryLine(alone));
  });
});

describe('under UEFI', () => {
  it('boots the flavour on the command line', async () => {
    const result = await boot(merged, { environment: 'uefi', append: 'kbl.flavour=xen' });
    expect(result.outcome).toBe('completed');
    expect(result.text).toMatch(/kbl: flavour xen \(kbl\.flavour=\)\r\n/);
    expect(hasPvOps(result)).toBe(true);
  });

  it.each(['shell', 'grub'] as const)('boots from a FAT disk: %s', async (loader) => {
    const words = 'console=ttyS0 panic=-1 kbl.flavour=native';
    const result = await bootFromEfiDisk(root, loader, merged, words);
    expect(result.outcome).toBe('completed');
    expect(result.text).toMatch(/kbl: flavour native \(kbl\.flavour=\)\r\n/);
    expect(result.text).toMatch(loader === 'grub' ? /BOOT_IMAGE=\/vmlinuz.efi/ : /initrd=\\initrd/);
  });
});

describe('a damaged file', () => {
  const spoiled =
    /the recipe or the base kernel is damaged|the rebuilt kernel has the wrong checksum/;
  const damaged: Record<string, { at: number; says: RegExp }> = {
    // Which of the two cannot be told: the base is overwritten while it is read.
    payload: { at: 0, says: spoiled },
    recipe: { at: 0, says: spoiled },
    directory: { at: 0, says: /the directory is damaged/ },
    version: { at: 0, says: /the directory has a version that this code does not know/ },
    magic: { at: 0, says: /there is no directory behind the payload/ },
  };

  beforeAll(() => {
    const image = readBzImage(merged);
    const directory = directoryOffset(image)!;
    const { recipe } = readDirectory(image)!.flavours[0]!;
    damaged['payload']!.at = image.payload!.offset + 1_000_000;
    damaged['recipe']!.at = recipe.byteOffset - merged.byteOffset + 1_000;
    damaged['directory']!.at = directory + 64;
    damaged['version']!.at = directory + 8;
    damaged['magic']!.at = directory;
  });

  const damage = (what: string): Uint8Array => {
    const copy = copyOf(merged);
    copy[damaged[what]!.at]! ^= 0x55;
    writeCrc(copy);
    return copy;
  };

  it.each(Object.keys(damaged))('says so and halts: %s', async (what) => {
    const { text, outcome } = await boot(damage(what));
    expect(text).toMatch(new RegExp(`^kbl: cannot boot: (?:${damaged[what]!.says.source})`, 'm'));
    expect(text).toMatch(/^ -- System halted/m);
    expect(outcome).toBe('stopped-early');
  });

  it('says so on the console of UEFI firmware', async () => {
    const { text } = await boot(damage('directory'), { environment: 'uefi' });
    expect(text).toMatch(/kbl: cannot boot: the directory is damaged\r\n -- System halted/);
  });

  it('says so on the screen', async () => {
    const request = bootRequest(root, damage('directory'));
    const command = await createQemu({ cacheFolder: join(root, 'cache') }).command(request);
    const guest = await startQemu(request, { ...command, argv: [...command.argv, '-vga', 'std'] });
    const qmp = await guest.qmp();
    const onScreen = async (): Promise<string> => {
      await qmp.execute('pmemsave', { val: 0xb8000, size: 80 * 25 * 2, filename: 'screen' });
      const cells = readFileSync(join(request.folder, 'screen'));
      return Buffer.from(cells.filter((_, i) => i % 2 === 0)).toString('latin1');
    };
    try {
      await expect.poll(onScreen, { timeout: 60_000 }).toMatch(/-- System halted/);
      expect(await onScreen()).toMatch(/kbl: cannot boot: the directory is damaged/);
    } finally {
      await guest.stop();
    }
  });
});
